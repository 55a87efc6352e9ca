import { expect, test } from "vitest";
import { expectNoFault, ownBot, places, send } from "./own-bot.ts";

const bot = ownBot();

test.each(places)("%s, alternatives are asked about with one total, and fill one turn", async (_, how) => {
  const page = await bot.open(how);
  const turn = await send(page, "{red, blue} hills in {rain, snow}");
  await turn.getByText("4 prompts: at most 100 credits in all").waitFor();
  for (const prompt of ["red hills in rain", "red hills in snow", "blue hills in rain", "blue hills in snow"]) {
    expect(await turn.textContent()).toContain(prompt);
  }
  await expectNoFault(page, "the question");
  await turn.getByRole("button", { name: "Yes, for at most 100 credits" }).click();
  await turn.getByRole("button", { name: "All again" }).waitFor();
  await expect.poll(() => turn.locator("img").count()).toBe(4);
  await turn.getByText("4 prompts · 100 credits").waitFor();
  await expectNoFault(page, "the images");
});
