import type { Page } from "playwright-core";
import sharp from "sharp";
import { expect, test } from "vitest";
import { pngOf } from "../support/landscape.ts";
import { newest, paint, say, stage } from "./browser.ts";

const on = stage();

/** The transparency of the mask that the last job was given, by parts of its width and height. */
async function sentMask(): Promise<{ width: number; height: number; alpha(x: number, y: number): number | undefined }> {
  const file = on.playground.usecases.calls.at(-1)?.files.find(({ filename }) => filename === "mask.png");
  const { data, info } = await sharp(file?.bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const at = (x: number, y: number) => (Math.floor(y * height) * width + Math.floor(x * width)) * channels + 3;
  return { width, height, alpha: (x, y) => data[at(x, y)] };
}

async function editing(page: Page): Promise<void> {
  await say(page, "a quiet bay --size 2k --ar 16:9");
  await newest(page).getByRole("img").waitFor();
  await newest(page).getByRole("button", { name: "Edit" }).click();
}

test("sends a mask in the image's own pixels: transparent where it was painted, opaque elsewhere", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Size").first().selectOption("2048x1152");
  await say(page, "a quiet bay");
  await newest(page).getByRole("img").waitFor();
  await newest(page).getByRole("button", { name: "Edit" }).click();
  await paint(page);
  await page.getByRole("button", { name: "Use this mask" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await say(page, "a volcano");
  await newest(page).getByText("with a mask").waitFor();
  const { width, height, alpha } = await sentMask();
  expect([width, height]).toEqual([2048, 1152]);
  expect([alpha(0.2, 0.2), alpha(0.35, 0.35), alpha(0.5, 0.5)]).toEqual([0, 0, 0]);
  expect([alpha(0.9, 0.1), alpha(0.1, 0.9), alpha(0.8, 0.8)]).toEqual([255, 255, 255]);
});

test("undoes, clears and marks areas by keyboard alone", async () => {
  const page = await on.open();
  await editing(page);
  await paint(page);
  await page.keyboard.press("Control+z");
  await page.getByText("Nothing is marked yet.").waitFor();
  await page.getByRole("button", { name: "Mark the whole image" }).waitFor({ state: "hidden" });
  await page.getByText("Area, in percent").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Mark the whole image" }).press("Enter");
  await page.getByText("100 % of the image is marked.").waitFor();
  await page.getByRole("button", { name: "Clear" }).press("Enter");
  expect(await page.getByRole("button", { name: "Use this mask" }).isDisabled()).toBe(true);
  await page.getByLabel("Width").fill("40");
  await page.getByRole("button", { name: "Mark this area" }).press("Enter");
  await page.getByText("20 % of the image is marked.").waitFor();
  await page.getByRole("button", { name: "Use this mask" }).press("Enter");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await page.evaluate("document.activeElement.id")).toBe("mark");
  await say(page, "a volcano");
  await newest(page).getByText("with a mask").waitFor();
  const { alpha } = await sentMask();
  expect([alpha(0.26, 0.26), alpha(0.6, 0.7), alpha(0.7, 0.5), alpha(0.4, 0.8)]).toEqual([0, 0, 255, 255]);
});

test("paints on an attached image too, and drops the mask with it", async () => {
  const page = await on.open();
  const buffer = Buffer.from(await pngOf(400, 300));
  await page.setInputFiles("#file-input", { name: "photo.png", mimeType: "image/png", buffer });
  await paint(page);
  await page.getByRole("button", { name: "Use this mask" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Mask", exact: true }).waitFor();
  await page.getByRole("button", { name: "Remove photo.png" }).click();
  await page.getByRole("button", { name: "Options", exact: true }).waitFor();
  await say(page, "a fox");
  await newest(page).getByRole("img").waitFor();
  expect(on.playground.usecases.calls.at(-1)?.files).toEqual([]);
});

test("changes nothing when the window is closed without using the mask", async () => {
  const page = await on.open();
  await editing(page);
  await paint(page);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await say(page, "a volcano");
  await newest(page).getByRole("navigation", { name: "Based on" }).waitFor();
  expect(on.playground.usecases.calls.at(-1)?.draft.mask).toBeUndefined();
});
