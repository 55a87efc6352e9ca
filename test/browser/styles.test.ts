import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { seriousFindings, settle } from "./axe.ts";
import { launchBrowser } from "./browser.ts";

/** The program as a user starts it, without configuration, in a real browser. */
let browser: Browser;
let folder: string;
let bot: AtelierProcess;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(path.join(tmpdir(), "atelier-browser-"));
  bot = await startAtelier({ DATA_DIR: folder });
});
afterAll(async () => {
  await browser.close();
  await bot.kill();
  rmSync(folder, { recursive: true });
});

const beyond = `[...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility() && !node.closest(".unseen") && node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => node.outerHTML.slice(0, 120))`;

async function expectNoFault(page: Page, where: string): Promise<void> {
  await settle(page);
  expect(await seriousFindings(page), where).toEqual([]);
  expect(await page.evaluate<string[]>(beyond), where).toEqual([]);
}

test.each([
  ["on a desk", {}],
  ["on a telephone", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
])("%s, an image is saved as a style in its form, and the style is drawn in", async (where, how) => {
  const page = await browser.newPage({ locale: "en-US", ...how });
  await page.goto(bot.url);
  await page.locator("#credits:not(:empty)").waitFor();
  const send = async (prompt: string) => {
    await page.locator("#prompt").fill(prompt);
    await page.locator("#send").click();
    return page.locator("#log > li").last();
  };
  const drawn = await send(`hills, ${where}`);
  await drawn.getByRole("button", { name: "Save as style" }).click();
  const form = page.getByRole("dialog");
  const name = where.replaceAll(" ", "-");
  await form.getByLabel("Name").fill(name);
  await expectNoFault(page, "the form");
  await form.getByRole("button", { name: "Run" }).click();
  await page.getByText(`Saved: ${name}`).first().waitFor();
  const again = await send(`a valley --style ${name}`);
  await again.getByText(`style ${name}`).first().waitFor();
  await expectNoFault(page, "the result");
  await page.close();
});
