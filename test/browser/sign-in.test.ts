import { expect, test } from "vitest";
import { newest, say, stage } from "./browser.ts";

const on = stage({ password: "correct horse" });

test("lets nobody in without the password, and whoever has it until they sign out", async () => {
  const page = await on.visit();
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("That is not the password.").waitFor();
  expect(on.complaints.splice(0)).toHaveLength(1); // the browser's own line about the status 401
  await page.getByLabel("Password").fill("correct horse");
  await page.keyboard.press("Enter");
  await page.locator("#credits:not(:empty)").waitFor();
  await say(page, "a fox");
  await newest(page).getByRole("img").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password").waitFor();
  await page.goto(on.playground.url);
  expect(new URL(page.url()).pathname).toBe("/login");
});

test("leads back to the login page when the session is over", async () => {
  const page = await on.visit();
  await page.getByLabel("Password").fill("correct horse");
  await page.keyboard.press("Enter");
  await page.locator("#credits:not(:empty)").waitFor();
  await page.context().clearCookies();
  await say(page, "a fox");
  await page.waitForURL("**/login");
  on.complaints.length = 0; // the browser's own lines about the status 401
});
