import { expect, test } from "vitest";
import { stages } from "./discord-stage.ts";

const stage = stages();

test("a new server is welcomed once, however often Discord tells of it, and over restarts", async () => {
  const { discord } = stage();
  const guild = discord.guild(true, { joinedAt: new Date(discord.state.now()).toISOString(), locale: "zh-CN" });
  const channel = discord.channel(guild);
  const words = () => discord.messages(channel).filter(({ content }) => content.includes("/imagine"));
  for (let times = 0; times < 3; times += 1) discord.gateway.announce(guild);
  await discord.until(() => words().length === 1, "the welcome");
  await stage().restart();
  discord.gateway.announce(guild);
  const credits = discord.command(discord.user("Ann"), "credits", {}, { channel });
  await stage().says(credits, "credits available");
  expect(words()).toHaveLength(1);
});
