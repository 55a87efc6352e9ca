import { expect, test } from "vitest";
import { stages } from "./discord-stage.ts";

const stage = stages();

test("without PUBLIC_URL no result has a button to paint, and there are no pages", async () => {
  const { discord, bot, results } = stage();
  discord.command(discord.user("Ann"), "imagine", { prompt: "a fox" });
  const [image] = await results(1);
  expect(JSON.stringify(image?.components)).toContain("edit:");
  expect(JSON.stringify(image?.components)).not.toContain("paint:");
  const offered = JSON.stringify([...discord.state.commands.values()]);
  expect(offered).toContain("Edit image");
  expect(offered).not.toContain("Paint over image");
  expect((await fetch(`${bot.url}/visit/assets/base.css`)).status).toBe(404);
});
