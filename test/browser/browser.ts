import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { WebOptions } from "../../src/platforms/web/web.ts";
import { realWorld } from "../../src/world.ts";
import { type Playground, startPlayground } from "../platforms/web/playground.ts";

const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's Chromium, or the one that CHROMIUM names. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}

/** One browser for a file, and a playground of its own for each test; a test whose page complains fails. */
export interface Stage {
  readonly playground: Playground;
  /** Goes to the playground's address. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** The same, and waits until it can be used. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** The lines that pages said on their consoles, and threw. Tests that provoke an error empty it. */
  readonly complaints: string[];
}

export function stage(web: Partial<WebOptions> = {}): Stage {
  let browser: Browser;
  let playground: Playground;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    complaints.length = 0;
    playground = await startPlayground(web, realWorld());
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await playground.close();
    expect(complaints).toEqual([]);
  });
  afterAll(() => browser.close());

  const visit = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-US", ...options });
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(playground.url);
    return page;
  };
  return {
    complaints,
    visit,
    get playground() {
      return playground;
    },
    async open(options) {
      const page = await visit(options);
      await page.locator("#credits:not(:empty)").waitFor();
      return page;
    },
  };
}

/** Types a prompt and presses Enter. */
export async function say(page: Page, prompt: string): Promise<void> {
  await page.getByLabel("Prompt").fill(prompt);
  await page.keyboard.press("Enter");
}

/** The newest turn of the conversation. */
export function newest(page: Page) {
  return page.locator("#log > li").last();
}

/** True once the browser has decoded the image, not only been told of it. */
export function isDrawn(image: ReturnType<Page["locator"]>): Promise<boolean> {
  return image.evaluate(async (node) => {
    const img = node as unknown as { decode(): Promise<void>; naturalWidth: number };
    await img.decode();
    return img.naturalWidth > 0;
  });
}

/** Opens the mask, and draws a stroke from one fifth of the image to its middle. */
export async function paint(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Mark what to change" }).click();
  await page.getByText("Nothing is marked yet.").waitFor();
  const box = await page.locator(".layer").boundingBox();
  if (!box) throw new Error("nothing to paint on");
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5, { steps: 6 });
  await page.mouse.up();
  await page.getByText(/^\d+ % of the image is marked\.$/).waitFor();
}
