import { test } from "vitest";
import { expectFits } from "./axe.ts";
import { newest, stage } from "./browser.ts";

const on = stage();

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

test.each([
  ["en-US", "Options", "Settings", "History", "Mark what to change"],
  ["zh-CN", "选项", "设置", "历史记录", "标出要修改的部分"],
])(
  "has nothing beyond the edges of a small telephone, on any screen, in %s",
  async (locale, options, settings, history, mark) => {
    const page = await on.open({ ...phone, locale });
    await expectFits(page, "first visit");
    await page.getByRole("button", { name: options }).tap();
    await expectFits(page, "options");
    await page.getByRole("button", { name: options }).tap();
    await page.locator("#prompt").fill("lanterns ".repeat(20));
    await page.locator("#send").tap();
    await newest(page).getByRole("img").waitFor();
    await newest(page).locator('[data-command="edit"]').tap();
    await expectFits(page, "an image to change");
    await page.getByRole("button", { name: mark }).tap();
    await page.getByRole("dialog").waitFor();
    await page.locator("summary").tap();
    await expectFits(page, "mask");
    await page.keyboard.press("Escape");
    for (const [name, screen] of [
      [settings, "settings"],
      [history, "history"],
    ] as const) {
      await page.getByRole("button", { name }).tap();
      await page.getByRole("dialog").waitFor();
      await expectFits(page, screen);
      await page.keyboard.press("Escape");
    }
    await page.locator("#list-commands").tap();
    await page.getByRole("option").first().waitFor();
    await expectFits(page, "commands");
  },
);

test("paints a mask with a finger", async () => {
  const page = await on.open(phone);
  await page.getByLabel("Prompt").fill("a fox");
  await page.getByRole("button", { name: "Send" }).tap();
  await newest(page).getByRole("img").waitFor();
  await newest(page).getByRole("button", { name: "Edit" }).tap();
  await page.getByRole("button", { name: "Mark what to change" }).tap();
  await page.getByText("Nothing is marked yet.").waitFor();
  const box = await page.locator(".layer").boundingBox();
  await page.touchscreen.tap((box?.x ?? 0) + 60, (box?.y ?? 0) + 60);
  await page.getByText(/^\d+ % of the image is marked\.$/).waitFor();
});
