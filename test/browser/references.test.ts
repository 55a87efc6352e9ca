import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectNoFault, ownBot, places, send } from "./own-bot.ts";

const bot = ownBot();
const prompt = (page: Page) => page.locator("#prompt");

/** Draws an image, and saves it under a name by its button. */
async function save(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  const turn = await send(page, `An image for ${name}`);
  await turn.getByRole("button", { name: "Save image as…" }).click();
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Run" }).click();
  await page.getByText(`Saved: @${name}`, { exact: true }).waitFor();
}

test.each(places)(
  "%s, a saved image is offered behind an @, stands as a chip beside the price, and is drawn from",
  async (_, how) => {
    const page = await bot.open(how);
    for (const name of ["fox", "foxglove"]) await save(page, name);
    await prompt(page).fill("");
    await prompt(page).pressSequentially("a card for me@fox of @f");
    await page.getByRole("option", { name: "@foxglove" }).waitFor();
    expect(await page.getByRole("option").allTextContents()).toEqual(["@fox", "@foxglove"]);
    await expectNoFault(page, "names to choose from");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await prompt(page).inputValue()).toBe("a card for me@fox of @foxglove ");
    await prompt(page).pressSequentially("and @fox");
    await page.locator("#named li").nth(1).waitFor();
    expect(await page.getByRole("list", { name: "Starts from @foxglove (yours), @fox (yours)." }).count()).toBe(1);
    expect(await page.locator("#named li").allTextContents()).toEqual(["@foxglove", "@fox"]);
    expect(await page.locator("#price-notes").textContent()).not.toContain("Starts from");
    await expectNoFault(page, "chips");
    await page.locator("#send").click();
    await page.locator("#log > li").last().getByText("Starts from @foxglove (yours), @fox (yours).").waitFor();
    await expect.poll(() => page.locator("#named li").count()).toBe(0);
  },
);

test("a word that is nearly a name is refused beside the price, and one that is none is asked about", async () => {
  const page = await bot.open();
  await save(page, "fox");
  await prompt(page).fill("@fxo at night");
  await page.getByText("Did you mean @fox?").waitFor();
  await prompt(page).fill("@zebra at night");
  await page.locator("#price-notes", { hasText: "@zebra is no saved image" }).waitFor();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("@zebra is no saved image").waitFor();
  await dialog.getByRole("button", { name: "Not now" }).last().click();
  expect(await prompt(page).inputValue()).toBe("@zebra at night");
});

test("a saved image is shown when it is asked for", async () => {
  const page = await bot.open();
  await save(page, "fox");
  await prompt(page).fill("/reference show");
  await page.locator("#send").click();
  await page.getByRole("dialog").locator("select[name=name]").selectOption("fox");
  await page.getByRole("dialog").getByRole("button", { name: "Run" }).click();
  const shown = page.getByRole("img", { name: "The saved image @fox" });
  await shown.waitFor();
  await expect
    .poll(() => shown.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
    .toBeGreaterThan(0);
  await expectNoFault(page, "the image");
});
