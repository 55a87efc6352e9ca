import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type House, openHouse, password } from "../platforms/web/dashboard/house.ts";
import { launchBrowser } from "./browser.ts";

/** One browser for a file, and a dashboard of its own for each test; a test whose page complains fails. */
export interface DashboardStage {
  readonly house: House;
  /** Signs in, and waits until a section is shown. */
  open(section?: string, options?: BrowserContextOptions): Promise<Page>;
  /** The lines that pages said on their consoles, and threw. */
  readonly complaints: string[];
}

export function dashboardStage(): DashboardStage {
  let browser: Browser;
  let house: House;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    complaints.length = 0;
    house = await openHouse({ playground: false });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await house.close();
    expect(complaints).toEqual([]);
  });
  afterAll(() => browser.close());
  return {
    complaints,
    get house() {
      return house;
    },
    async open(section = "overview", options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000); // before the test's own, and with a better word
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("dialog", (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
      await page.goto(`${house.url}/dashboard`);
      await page.locator("#password").fill(password);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/dashboard");
      await goTo(page, section);
      return page;
    },
  };
}

export async function goTo(page: Page, section: string): Promise<void> {
  await page.locator(`#sections a[href="#${section}"]`).click();
  await page.locator(`#sections a[href="#${section}"][aria-current]`).waitFor();
}
