import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { newest, say, stage } from "./browser.ts";

const on = stage();

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const overflows = (page: Page) => page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");

test("works on a telephone, with nothing beyond its edges", async () => {
  const page = await on.open(phone);
  expect(await overflows(page)).toBe(false);
  await page.getByRole("button", { name: "Options" }).tap();
  await page.getByLabel("Count").selectOption("4");
  await page.getByRole("button", { name: "×4" }).tap();
  await page.getByLabel("Prompt").fill(`a very long word: ${"lanterns".repeat(30)}`);
  await page.getByRole("button", { name: "Send" }).tap();
  await newest(page).getByRole("img").nth(3).waitFor();
  expect(await overflows(page)).toBe(false);
  const opacity = "getComputedStyle(document.querySelector('.actions')).opacity";
  expect(await page.evaluate<string>(opacity)).toBe("1"); // there is no pointer to be over it
  await newest(page).locator(".actions").first().getByRole("button", { name: "Edit" }).tap();
  await page.locator("#target").waitFor();
});

test("makes a new line with Enter on a telephone", async () => {
  const page = await on.open(phone);
  await page.getByLabel("Prompt").fill("a fox");
  await page.getByLabel("Prompt").press("Enter");
  expect(await page.getByLabel("Prompt").inputValue()).toBe("a fox\n");
});

/** The contrast that a reader has, by WCAG 2.2, of each text on the page against the page itself. */
const contrasts = `(() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && node.parentElement ? behind(node.parentElement) : colour;
  };
  return [...document.querySelectorAll("body *")]
    .filter((node) => node.checkVisibility() && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((node) => {
      const [light, dark] = [luminance(getComputedStyle(node).color), luminance(behind(node))].sort((a, b) => b - a);
      return { text: node.textContent.slice(0, 30), contrast: (light + 0.05) / (dark + 0.05) };
    });
})()`;

test.each(["light", "dark"] as const)(
  "is readable in %s: every text has a contrast of 4.5 at least",
  async (colorScheme) => {
    const page = await on.open({ colorScheme });
    const empty = await page.evaluate<{ text: string; contrast: number }[]>(contrasts);
    await page.getByRole("button", { name: "Options" }).click();
    on.playground.usecases.failNext("failed");
    await say(page, "a fox");
    await newest(page)
      .getByRole("button", { name: /^Try again/ })
      .click();
    await newest(page).getByRole("img").waitFor();
    await page.getByRole("button", { name: /credits$/ }).click();
    await newest(page).getByText("Topped up").waitFor();
    const full = await page.evaluate<{ text: string; contrast: number }[]>(contrasts);
    expect(empty.length + full.length).toBeGreaterThan(30);
    expect([...empty, ...full].filter(({ contrast }) => contrast < 4.5)).toEqual([]);
  },
);

test("speaks the browser's language", async () => {
  const page = await on.open({ locale: "zh-CN" });
  await page.getByText("今天画点什么？").waitFor();
  await page.getByLabel("提示词").fill("一只狐狸");
  await page.getByText("最多 20 点").waitFor();
  await page.keyboard.press("Enter");
  await newest(page).getByRole("img", { name: "生成的图片：一只狐狸" }).waitFor();
});

test("gives every control a name", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: "Options" }).click();
  await say(page, "a fox");
  await newest(page).getByRole("img").waitFor();
  const nameless = await page.evaluate<
    string[]
  >(`[...document.querySelectorAll("button, a, input:not([hidden]), select, textarea")]
    .filter((node) => node.checkVisibility())
    .filter((node) => !(node.ariaLabel || node.textContent.trim() || node.labels?.length || node.querySelector("img[alt]")))
    .map((node) => node.outerHTML)`);
  expect(nameless).toEqual([]);
});
