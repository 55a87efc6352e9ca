import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
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

async function open(): Promise<Page> {
  const page = await browser.newPage({ locale: "en-US" });
  await page.goto(bot.url);
  await page.locator("#credits:not(:empty)").waitFor();
  return page;
}

const image = (page: Page, alt: string) => page.getByRole("img", { name: alt });

test("a typed prompt becomes an image; after a stop and a new start, history and credits are still there", async () => {
  const page = await open();
  await page.getByRole("textbox").first().fill("A red bicycle");
  await page.keyboard.press("Enter");
  await image(page, "Generated image: A red bicycle").waitFor();
  await expect.poll(() => page.locator("#credits").textContent()).toBe("975 credits");

  expect(await bot.stop()).toBe(0);
  bot = await startAtelier({ DATA_DIR: folder });
  const later = await open();
  await image(later, "Generated image: A red bicycle").waitFor();
  expect(await later.locator("#credits").textContent()).toBe("975 credits");
});

test("a result is saved as a style, which the options offer at once, and the next image is drawn in it", async () => {
  const page = await open();
  await page.getByRole("textbox").first().fill("A red bicycle --quality low");
  await page.keyboard.press("Enter");
  await image(page, "Generated image: A red bicycle").waitFor();
  await page.getByRole("button", { name: "Save as style" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill("noir");
  await page.getByRole("dialog").getByLabel("Before").fill("Film noir of");
  await page.getByRole("dialog").getByRole("button", { name: "Run" }).click();
  await page.getByText("Saved: noir", { exact: true }).waitFor();
  await page.locator("#options-toggle").click();
  await page.locator("#options select[name=style]").selectOption("noir");
  await page.locator("#prompt").fill("An owl");
  await page.locator("#prompt").press("Enter");
  await image(page, "Generated image: Film noir of An owl").waitFor();
  expect(await page.getByText("style noir").count()).toBeGreaterThan(0);
});
