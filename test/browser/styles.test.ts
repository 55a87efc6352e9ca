import { test } from "vitest";
import { expectNoFault, ownBot, places, send } from "./own-bot.ts";

const bot = ownBot();

test.each(places)("%s, an image is saved as a style in its form, and the style is drawn in", async (where, how) => {
  const page = await bot.open(how);
  const drawn = await send(page, `hills, ${where}`);
  await drawn.getByRole("button", { name: "Save as style" }).click();
  const form = page.getByRole("dialog");
  const name = where.replaceAll(" ", "-");
  await form.getByLabel("Name").fill(name);
  await expectNoFault(page, "the form");
  await form.getByRole("button", { name: "Run" }).click();
  await page.getByText(`Saved: ${name}`).first().waitFor();
  const again = await send(page, `a valley --style ${name}`);
  await again.getByText(`style ${name}`).first().waitFor();
  await expectNoFault(page, "the result");
});
