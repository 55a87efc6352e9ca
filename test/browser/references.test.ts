import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { seriousFindings, settle } from "./axe.ts";
import { launchBrowser } from "./browser.ts";

/** The program as a user starts it, without configuration, in a real browser. */
let browser: Browser;
let folder: string;
let bot: AtelierProcess;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-browser-"));
  bot = await startAtelier({ DATA_DIR: folder });
});
afterEach(async () => {
  await bot.kill();
  for (const context of browser.contexts()) await context.close();
  rmSync(folder, { recursive: true });
});

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const prompt = (page: Page) => page.locator("#prompt");
const beyond = `[...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility() && !node.closest(".unseen") && node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => node.outerHTML.slice(0, 120))`;

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage({ locale: "en-US", ...options });
  await page.goto(bot.url);
  await page.locator("#credits:not(:empty)").waitFor();
  return page;
}

/** Draws an image, and saves it under a name by its button. */
async function save(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await prompt(page).fill(`An image for ${name}`);
  await page.locator("#send").click();
  const turn = page.locator("#log > li", { hasText: `An image for ${name}` });
  await turn.getByRole("button", { name: "Save image as…" }).click();
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Run" }).click();
  await page.getByText(`Saved: @${name}`, { exact: true }).waitFor();
}

test.each([
  ["on a desk", {}],
  ["on a telephone", phone],
])("%s, a saved image is offered behind an @, stands as a chip beside the price, and is drawn from", async (_, how) => {
  const page = await open(how);
  for (const name of ["fox", "foxglove"]) await save(page, name);
  await prompt(page).fill("");
  await prompt(page).pressSequentially("a card for me@fox of @f");
  await page.getByRole("option", { name: "@foxglove" }).waitFor();
  expect(await page.getByRole("option").allTextContents()).toEqual(["@fox", "@foxglove"]);
  await settle(page);
  expect(await seriousFindings(page), "names to choose from").toEqual([]);
  expect(await page.evaluate<string[]>(beyond)).toEqual([]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await prompt(page).inputValue()).toBe("a card for me@fox of @foxglove ");
  await prompt(page).pressSequentially("and @fox");
  await page.locator("#named li").nth(1).waitFor();
  expect(await page.getByRole("list", { name: "Starts from @foxglove (yours), @fox (yours)." }).count()).toBe(1);
  expect(await page.locator("#named li").allTextContents()).toEqual(["@foxglove", "@fox"]);
  expect(await page.locator("#price-notes").textContent()).not.toContain("Starts from");
  await settle(page);
  expect(await seriousFindings(page), "chips").toEqual([]);
  expect(await page.evaluate<string[]>(beyond)).toEqual([]);
  await page.locator("#send").click();
  await page.getByText("Starts from @foxglove (yours), @fox (yours).").waitFor();
  await expect.poll(() => page.locator("#named li").count()).toBe(0);
});

test("a word that is nearly a name is refused beside the price, and one that is none is asked about", async () => {
  const page = await open();
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
  const page = await open();
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
  await settle(page);
  expect(await seriousFindings(page)).toEqual([]);
});
