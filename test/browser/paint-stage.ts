import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { freePort } from "../support/free-port.ts";
import { landscape } from "../support/landscape.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { linksIn } from "../support/visitor.ts";
import { launchBrowser } from "./browser.ts";

export const painted = { width: 1024, height: 1024 };
export const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** The real program between Discord and a service, and a member who comes to its pages in a real browser. */
export interface PaintStage {
  readonly service: FakeTokenHub;
  readonly discord: EverySurface["discord"];
  /** The lines that pages said on their consoles, and threw. Tests that provoke an error empty it. */
  readonly complaints: string[];
  /** A link to paint over the first image in the channel. */
  link(): Promise<string>;
  /** A link to all images of the member who asked for it. */
  gallery(): Promise<string>;
  /** Another image of that member. */
  draw(prompt: string): Promise<void>;
  /** Follows a link as a member does: the page with the button first. */
  follow(link: string, options?: BrowserContextOptions): Promise<Page>;
  /** The files of the last paid call, by field. */
  sent(prompt: string): Promise<FakeTokenHub["requests"][number]>;
}

type Discord = EverySurface["discord"];
type User = ReturnType<Discord["user"]>;

/** One program for all tests of a file; a test whose page complains fails. */
export function paintStage(settings: Readonly<Record<string, string>> = {}): PaintStage {
  let browser: Browser;
  let service: FakeTokenHub;
  let surface: EverySurface;
  let ann: User;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    service = await startFakeTokenHub({ image: await hills() });
    const port = await freePort();
    const address = { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}`, PLAYGROUND: "off" };
    const keys = { TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl };
    surface = await openEverySurface([service], { ...keys, ...address, ...settings });
    ann = surface.discord.user("Ann");
    surface.discord.command(ann, "imagine", { prompt: "a fox in the hills" });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await surface.close();
  });

  return {
    complaints,
    get service() {
      return service;
    },
    get discord() {
      return surface.discord;
    },
    link: () => linkFrom(surface.discord, ann),
    gallery: () => galleryFrom(surface.discord, ann),
    draw: (prompt) => drawn(surface.discord, ann, prompt),
    async follow(link, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await followTo(page, link);
      return page;
    },
    sent: (prompt) => callWith(service, prompt),
  };
}

function hills(): Promise<Buffer> {
  return sharp(Buffer.from(landscape(painted.width, painted.height, "a fox")))
    .png()
    .toBuffer();
}

/** Presses Paint under the first image in the channel. */
async function linkFrom(discord: Discord, ann: User): Promise<string> {
  const first = () => discord.messages(discord.general).find(({ attachments }) => attachments.length > 0);
  const pressed = discord.press(ann, await discord.until(first, "an image"), "Paint");
  return discord.until(() => linksIn(pressed.reply?.components)[0], "a link");
}

async function galleryFrom(discord: Discord, ann: User): Promise<string> {
  const history = discord.command(ann, "history");
  await discord.until(() => JSON.stringify(history.reply?.components ?? []).includes("gallery"), "a button");
  const pressed = discord.press(ann, history.reply as never, "Gallery");
  return discord.until(() => linksIn(pressed.reply?.components)[0], "a link");
}

async function drawn(discord: Discord, ann: User, prompt: string): Promise<void> {
  discord.command(ann, "imagine", { prompt });
  const shown = () =>
    discord
      .messages(discord.general)
      .find(({ content, attachments }) => attachments.length > 0 && content.includes(prompt));
  await discord.until(shown, prompt);
}

async function followTo(page: Page, link: string): Promise<void> {
  page.setDefaultTimeout(10_000);
  await page.goto(link);
  await page.getByRole("button").click();
  const trouble = page.locator("#trouble:not(:empty)");
  await page.locator("#studio:not([hidden]), #gallery:not([hidden])").or(trouble).first().waitFor();
  expect(await trouble.allTextContents()).toEqual([]);
}

async function callWith(service: FakeTokenHub, prompt: string): Promise<FakeTokenHub["requests"][number]> {
  for (;;) {
    const found = service.requests.find(({ fields }) => fields.prompt === prompt);
    if (found) return found;
    await service.arrived(service.requests.length + 1);
  }
}

export const fileOf = (call: FakeTokenHub["requests"][number], field: string) =>
  call.files.filter((file) => file.field === field);
