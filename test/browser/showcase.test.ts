import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { isDrawn, launchBrowser, newest, paint, say } from "./browser.ts";

/** All of the real program, with its sandbox, in a real browser. */
let browser: Browser;
let folder: string;
let bot: AtelierProcess;
const complaints: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(path.join(tmpdir(), "atelier-showcase-"));
  bot = await startAtelier({ DATA_DIR: folder, USER_DAILY_CREDITS: "100000" });
});
afterAll(async () => {
  await browser.close();
  await bot.kill();
  rmSync(folder, { recursive: true });
});
beforeEach(() => void complaints.splice(0));
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(complaints).toEqual([]);
});

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-US", ...options });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(bot.url);
  await page.locator("#credits:not(:empty)").waitFor();
  return page;
}

async function made(page: Page, prompt: string): Promise<void> {
  await say(page, prompt);
  await newest(page).getByText(prompt, { exact: true }).waitFor();
  await newest(page).locator(".tile img").first().waitFor();
}

test("changes only what was painted over, and says so", { timeout: 60_000 }, async () => {
  const page = await open();
  await made(page, "a quiet bay");
  await newest(page).getByRole("button", { name: "Edit" }).click();
  await paint(page);
  await page.getByRole("button", { name: "Use this mask" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await say(page, "a volcano");
  await newest(page).getByText("with a mask").waitFor();
  expect(await isDrawn(newest(page).locator(".tile img"))).toBe(true);
});

test("shows the chain of changes that an image came by, and leads back along it", { timeout: 60_000 }, async () => {
  const page = await open();
  await made(page, "a plain chair");
  for (const change of ["paint it blue", "put a cat on it"]) {
    await newest(page).getByRole("button", { name: "Edit" }).click();
    await made(page, change);
  }
  const chain = newest(page).getByRole("navigation", { name: "Based on" }).getByRole("button");
  expect(await chain.allTextContents()).toEqual(["From “a plain chair”", "From “paint it blue”"]);
  await chain.first().click();
  await expect
    .poll(() => page.evaluate("document.activeElement.closest('.turn')?.innerText.includes('a plain chair')"))
    .toBe(true);
});

test("changes all images of a message at once, at the price that was shown", { timeout: 60_000 }, async () => {
  const page = await open();
  await say(page, "two red cups --size 2k --n 2");
  await newest(page).locator(".tile img").nth(1).waitFor();
  await newest(page).locator(".underneath").getByRole("button", { name: "Edit" }).click();
  await page.getByText("Changing these 2 images").waitFor();
  await page.getByLabel("Prompt").fill("on one table");
  const shown = await page.locator("#price:has-text('credits')").textContent();
  await page.keyboard.press("Enter");
  await newest(page)
    .locator(".facts")
    .getByText("on one table")
    .or(newest(page).locator(".tile img"))
    .first()
    .waitFor();
  const price = /^[\d,]+ credits/.exec(shown ?? "")?.[0];
  await newest(page).locator(".facts").getByText(`· ${price} ·`).waitFor();
});

test("finds an old image by words, pages back, and deletes for good after asking", { timeout: 90_000 }, async () => {
  const page = await open();
  await made(page, "a heron in the reeds");
  await made(page, "a harbour crane");
  await page.getByRole("button", { name: "History" }).click();
  await page.getByRole("searchbox", { name: "Search your prompts" }).fill("REEDS heron");
  const rows = page.getByRole("dialog").getByRole("listitem");
  await expect.poll(() => rows.count()).toBe(1);
  await rows.getByRole("button", { name: /a heron in the reeds/ }).click();
  const heron = page.locator(".turn", { hasText: "a heron in the reeds" });
  await heron.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keep" }).first().click();
  expect(await heron.count()).toBe(1);
  await heron.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await heron.waitFor({ state: "detached" });
  await page.reload();
  await page.locator(".turn", { hasText: "a harbour crane" }).waitFor();
  expect(await heron.count()).toBe(0);
  await page.getByRole("button", { name: "History" }).click();
  await page.getByRole("searchbox").fill("heron");
  await page.getByText("Nothing found.").waitFor();
});

test("keeps settings, uses them, and forgets those that are set back", { timeout: 60_000 }, async () => {
  const page = await open();
  await page.getByRole("button", { name: "Settings" }).click();
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await dialog.getByLabel("Count").selectOption("2");
  await dialog.getByLabel("Ask above").fill("30");
  await dialog.getByRole("button", { name: "Save" }).click();
  await newest(page).getByText("Your settings").waitFor();
  await say(page, "a pair of gloves");
  await page
    .getByRole("dialog", { name: "50 credits at most" })
    .getByRole("button", { name: "Not now" })
    .last()
    .click();
  expect(await page.getByLabel("Prompt").inputValue()).toBe("a pair of gloves");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Send it" }).click();
  await newest(page).locator(".tile img").nth(1).waitFor();
  await newest(page).getByRole("button", { name: "Again" }).click();
  await newest(page).getByRole("button", { name: "Yes, for at most 50 credits" }).click();
  await newest(page).locator(".tile img").nth(1).waitFor();
  await page.getByRole("button", { name: "Settings" }).click();
  expect(await dialog.getByLabel("Count").inputValue()).toBe("2");
  await dialog.getByLabel("Count").selectOption("");
  await dialog.getByLabel("Ask above").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await newest(page).getByText("Nothing is set: the usual values are used.").waitFor();
});

test("keeps language and appearance over visits, and what was being written", { timeout: 60_000 }, async () => {
  const page = await open({ colorScheme: "light" });
  await page.getByLabel("Prompt").fill("half a sentence");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Appearance").selectOption("Dark");
  const paper = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  const dark = await paper();
  await page.getByLabel("Language").selectOption("简体中文");
  await page.getByLabel("提示词").waitFor();
  await expect.poll(() => page.getByLabel("提示词").inputValue()).toBe("half a sentence");
  expect(await paper()).toBe(dark);
  await page.goto(bot.url);
  await page.getByRole("button", { name: "历史记录" }).waitFor();
  await page.getByRole("button", { name: "设置" }).click();
  await page.getByLabel("外观").selectOption("浅色");
  expect(await paper()).not.toBe(dark);
});

test("exports a member's data, and runs an operator's commands from the list", { timeout: 60_000 }, async () => {
  const page = await open();
  await made(page, "something to keep");
  const saved = page.waitForEvent("download");
  await say(page, "/privacy export");
  const document = JSON.parse(await readFile(await (await saved).path(), "utf8"));
  expect(document).toMatchObject({ member: "web:local" });
  expect(JSON.stringify(document)).toContain("something to keep");
  await page.getByLabel("Prompt").pressSequentially("/admin gr");
  await page.getByRole("group", { name: "For admins" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("Member").fill("web:local");
  await page.getByLabel("Credits").last().fill("5");
  await page.getByRole("button", { name: "Run" }).click();
  await newest(page)
    .locator(".card")
    .getByText(/5 credits/)
    .first()
    .waitFor();
  await say(page, "/imagine a typed command");
  await newest(page).getByText("a typed command", { exact: true }).waitFor();
  await newest(page).locator(".tile img").waitFor();
});
