import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { expectFits, seriousFindings, settle } from "./axe.ts";
import { launchBrowser } from "./browser.ts";

/** Where a page is looked at: its name, and the browser that shows it. */
export const places: readonly [string, BrowserContextOptions][] = [
  ["on a desk", {}],
  ["on a telephone", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
];

/** The program as a user starts it, without configuration, in a real browser. */
export interface OwnBot {
  /** The playground, ready to be used. */
  open(options?: BrowserContextOptions): Promise<Page>;
}

/** One program and one browser for all tests of a file. */
export function ownBot(): OwnBot {
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
  return {
    async open(options = {}) {
      const page = await browser.newPage({ locale: "en-US", ...options });
      await page.goto(bot.url);
      await page.locator("#credits:not(:empty)").waitFor();
      return page;
    },
  };
}

/** Sends a prompt; gives the turn that answers it. */
export async function send(page: Page, prompt: string): Promise<Locator> {
  await page.locator("#prompt").fill(prompt);
  await page.locator("#send").click();
  return page.locator("#log > li").last();
}

/** Nothing that axe calls serious, and nothing beyond the edge. */
export async function expectNoFault(page: Page, where: string): Promise<void> {
  await settle(page);
  expect(await seriousFindings(page), where).toEqual([]);
  await expectFits(page, where);
}
