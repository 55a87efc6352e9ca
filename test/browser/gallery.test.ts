import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectFits, seriousFindings, settle } from "./axe.ts";
import { isDrawn } from "./browser.ts";
import { paintStage, phone } from "./paint-stage.ts";

const on = paintStage();

const evil = '"><img src=x onerror="document.title=1"> **bold** & <b>';
const figures = (page: Page) => page.locator(".grid li");

test("shows one's own images, finds them, and lets no prompt be more than words", async () => {
  await on.draw(evil);
  await on.draw("an owl at night");
  const page = await on.follow(await on.gallery());
  await page.getByText("Images shown: 3").waitFor();
  for (const image of await page.locator(".grid img").all()) expect(await isDrawn(image)).toBe(true);
  expect(await page.locator(".grid .prompt").allTextContents()).toEqual([
    "an owl at night",
    evil,
    "a fox in the hills",
  ]);
  expect(await page.title()).toBe("Your images · Atelier");
  await page.getByRole("searchbox", { name: "Search your prompts" }).fill("OWL");
  await page.getByText("Images shown: 1").waitFor();
  await page.getByRole("searchbox").fill("nothing of that");
  await page.getByText("Nothing is found.").waitFor();
});

test("saves an image as a file, copies its prompt and leads to the painter, by keys alone", async () => {
  const page = await on.follow(await on.gallery(), { permissions: ["clipboard-read", "clipboard-write"] });
  const first = figures(page).last();
  const download = page.waitForEvent("download");
  await first.getByRole("link", { name: /^Download/ }).press("Enter");
  expect((await download).suggestedFilename()).toMatch(/^atelier-\w+-1\.png$/);
  await first.getByRole("button", { name: /^Copy the prompt/ }).press("Enter");
  await page.getByText("The prompt is copied.").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe("a fox in the hills");
  await first.getByRole("button", { name: /^Paint/ }).press("Enter");
  await page.locator("#studio:not([hidden])").waitFor();
  await page.goBack();
  await page.locator("#gallery:not([hidden])").waitFor();
});

test("asks before it deletes, and puts the focus on what comes next", async () => {
  await on.draw("a mistake");
  const page = await on.follow(await on.gallery());
  const count = await figures(page).count();
  const remove = figures(page)
    .first()
    .getByRole("button", { name: /^Delete/ });
  await remove.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Keep" }).last().press("Enter");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await figures(page).count()).toBe(count);
  await remove.press("Enter");
  await settle(page);
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByText("It is deleted.").waitFor();
  expect(await figures(page).count()).toBe(count - 1);
  expect(await page.evaluate("document.activeElement.closest('li') !== null")).toBe(true);
  const { discord } = on;
  const shown = () => discord.messages(discord.general).some(({ content }) => content.includes("a mistake"));
  await discord.until(() => !shown(), "the message is gone");
});

test.each([
  ["light", {}],
  ["dark", {}],
  ["light", phone],
] as const)("axe finds nothing serious in %s, nothing sticks out", async (colorScheme, device) => {
  const page = await on.follow(await on.gallery(), { colorScheme, ...device });
  await settle(page);
  expect(await seriousFindings(page)).toEqual([]);
  await expectFits(page);
  const name = `${colorScheme}-${"isMobile" in device ? "phone" : "desk"}`;
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-gallery.png` });
});

test("speaks Chinese, too", async () => {
  const page = await on.follow(await on.gallery(), { locale: "zh-CN" });
  await page.getByText(/^显示了 \d+ 张图片。$/).waitFor();
  await page.getByRole("searchbox", { name: "搜索您的提示词" }).waitFor();
});
