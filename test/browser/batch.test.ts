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
])("%s, alternatives are asked about with one total, and fill one turn", async (_, how) => {
  const page = await browser.newPage({ locale: "en-US", ...how });
  await page.goto(bot.url);
  await page.locator("#credits:not(:empty)").waitFor();
  await page.locator("#prompt").fill("{red, blue} hills in {rain, snow}");
  await page.locator("#send").click();
  const turn = page.locator("#log > li").last();
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
  await page.close();
});
