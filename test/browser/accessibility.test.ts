import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { pngOf } from "../support/landscape.ts";
import { seriousFindings, settle } from "./axe.ts";
import { newest, say, stage } from "./browser.ts";

const on = stage();

async function check(page: Page, screen: string): Promise<void> {
  await settle(page);
  expect(await seriousFindings(page), screen).toEqual([]);
}

async function closing(page: Page, screen: string): Promise<void> {
  await page.getByRole("dialog").waitFor();
  await check(page, screen);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
}

async function conversation(page: Page): Promise<void> {
  on.playground.usecases.failNext("failed");
  await say(page, "a storm");
  await newest(page)
    .getByRole("button", { name: /^Try again/ })
    .waitFor();
  await say(page, "two boats --n 2");
  await newest(page).getByRole("img").nth(1).waitFor();
  await newest(page).getByRole("button", { name: "Edit" }).last().click();
  await say(page, "at night");
  await newest(page).getByRole("navigation", { name: "Based on" }).waitFor();
  await page.getByRole("button", { name: /credits$/ }).click();
  await newest(page).getByText("Topped up").waitFor();
  on.playground.usecases.stopAt = "running";
  await say(page, "a fox");
  await newest(page).getByText("Drawing…").waitFor();
  const { id = "" } = on.playground.usecases.jobs.at(-1) ?? {};
  on.playground.usecases.progress(id, { percent: 40 });
  await newest(page).getByRole("progressbar", { name: "40 % done" }).waitFor();
}

test.each(["light", "dark"] as const)(
  "axe finds nothing serious on any screen in %s",
  { timeout: 90_000 },
  async (colorScheme) => {
    const page = await on.open({ colorScheme });
    await check(page, "first visit");
    await page.getByRole("button", { name: "Options" }).click();
    await page.setInputFiles("#file-input", {
      name: "a.png",
      mimeType: "image/png",
      buffer: Buffer.from(await pngOf(40, 30)),
    });
    await page.getByLabel("Prompt").fill("a red bicycle, 2k x2");
    await page.getByText("Read from your words").waitFor();
    await check(page, "composer with options, a file and words that were read");
    await page.getByRole("button", { name: "Mark what to change" }).click();
    await page.getByText("Area, in percent").click();
    await page.getByRole("button", { name: "Mark this area" }).click();
    await closing(page, "mask");
    await page.getByRole("button", { name: "Remove a.png" }).click();
    await page
      .getByRole("button", { name: "2K" })
      .or(page.getByRole("button", { name: "Options" }))
      .first()
      .click();
    await conversation(page);
    await check(page, "conversation");
    await page.getByLabel("Prompt").fill("/");
    await page.getByRole("option", { name: "/admin grant" }).waitFor();
    await check(page, "commands");
    await page.getByRole("option", { name: "/admin grant" }).click();
    await closing(page, "form of a command");
    await page.getByRole("button", { name: "Settings" }).click();
    await closing(page, "settings");
    await page.getByRole("button", { name: "History" }).click();
    await page.getByRole("dialog").getByText("two boats").waitFor();
    await closing(page, "history");
    await page.locator(".tile").first().click();
    await closing(page, "image");
    await page.getByRole("button", { name: "Delete" }).first().click();
    await closing(page, "question");
  },
);
