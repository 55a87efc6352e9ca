import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Caller, Draft } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import { pngOf } from "../support/landscape.ts";
import { isDrawn, newest, say, stage } from "./browser.ts";

const on = stage();

test("makes an image from a prompt, at the price that was shown before", async () => {
  const page = await on.open();
  await page.getByLabel("Prompt").fill("a red bicycle");
  await page.getByText("20 credits at most").waitFor();
  await page.keyboard.press("Enter");
  const image = newest(page).getByRole("img", { name: "Generated image: a red bicycle" });
  expect(await isDrawn(image)).toBe(true);
  await newest(page).getByText("1 image · auto · auto · png · sandbox · 20 credits").waitFor();
  await page.getByRole("button", { name: "980 credits" }).waitFor();
});

test("shows the queue, then the drawing, then the images", async () => {
  on.playground.usecases.stopAt = "queued";
  const page = await on.open();
  await say(page, "first");
  await newest(page).getByText("Waiting: next in the queue").waitFor();
  await say(page, "second");
  await newest(page).getByText("Waiting: number 2 in the queue").waitFor();
  await on.playground.usecases.proceed("running");
  await newest(page).getByText("Drawing…").waitFor();
  await newest(page)
    .locator(".elapsed")
    .getByText(/^\d+ s$/)
    .waitFor();
  expect(await page.locator(".frame").count()).toBe(2);
  await on.playground.usecases.proceed("end");
  await newest(page).getByRole("img").waitFor();
  expect(await page.locator(".frame").count()).toBe(0);
});

test("edits an image by replying to it", async () => {
  const page = await on.open();
  await say(page, "a red bicycle");
  await newest(page).getByRole("button", { name: "Edit" }).click();
  await page.locator("#target").getByText("a red bicycle").waitFor();
  await say(page, "make it blue");
  await newest(page).getByRole("button", { name: "From “a red bicycle”" }).waitFor();
  await newest(page).getByRole("img").waitFor();
  expect(on.playground.usecases.jobs[1]).toMatchObject({ parent: on.playground.usecases.jobs[0]?.id });
  expect(on.playground.usecases.jobs[1]?.request.references).toHaveLength(1);
  expect(await page.locator("#target").isVisible()).toBe(false);
});

test("takes the very image whose button was pressed", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Count").selectOption("3");
  await say(page, "three kites");
  const second = newest(page).locator("figure").nth(1);
  await second.hover();
  await second.getByRole("button", { name: "Vary" }).click();
  await page.locator("#log > li").nth(1).getByRole("img").first().waitFor();
  const [first, variation] = on.playground.usecases.jobs;
  expect(variation?.request.references).toEqual([first?.images[1]]);
});

test("makes it again, and larger, by its buttons", async () => {
  const page = await on.open();
  await say(page, "a fox");
  await newest(page).getByRole("button", { name: "Again" }).click();
  await page.locator("#log > li").nth(1).getByRole("img").waitFor();
  await newest(page).getByRole("button", { name: "Upscale" }).click();
  await page.locator("#log > li").nth(2).getByRole("img").waitFor();
  expect(on.playground.usecases.jobs[2]?.images[0]).toMatchObject({ width: 2048, height: 2048 });
});

test("cancels a job that is waiting", async () => {
  on.playground.usecases.stopAt = "queued";
  const page = await on.open();
  await say(page, "a mistake");
  await newest(page).getByRole("button", { name: "Cancel" }).click();
  await newest(page).getByText("20 credits were given back.").waitFor();
  expect(on.playground.usecases.jobs).toMatchObject([{ state: "cancelled" }]);
  await page.getByRole("button", { name: "1,000 credits" }).waitFor();
});

test("keeps the history over a reload, and goes on following what is under way", async () => {
  const page = await on.open();
  await say(page, "an orchard");
  await newest(page).getByRole("img").waitFor();
  on.playground.usecases.stopAt = "queued";
  await say(page, "a harbour");
  await newest(page).getByText("Waiting").waitFor();
  await page.reload();
  expect(await isDrawn(page.getByRole("img", { name: "Generated image: an orchard" }))).toBe(true);
  await newest(page).getByText("Waiting").waitFor();
  await on.playground.usecases.proceed("end");
  expect(await isDrawn(newest(page).getByRole("img", { name: "Generated image: a harbour" }))).toBe(true);
});

test("says a refusal in words, and gives the prompt back", async () => {
  const page = await on.open();
  on.playground.usecases.failNext(new Refusal("not-enough-credits", { needed: 500, available: 20, renewsAt: 0 }));
  await say(page, "something dear");
  await newest(page).getByText("This costs up to 500 credits and you have 20.").waitFor();
  expect(await page.getByLabel("Prompt").inputValue()).toBe("something dear");
  expect(on.complaints.splice(0)).toHaveLength(1); // the browser's own line about the status 422
});

test("says why a job failed, and tries again at a press", async () => {
  const page = await on.open();
  on.playground.usecases.failNext("moderated");
  await say(page, "a thing");
  await newest(page).getByText("safety system declined this").waitFor();
  await newest(page).getByRole("button", { name: "Try again (at most 20 credits)" }).click();
  await newest(page).getByRole("img").waitFor();
});

test("shows a prompt as text, whatever is in it", async () => {
  const page = await on.open();
  const prompt = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  await say(page, prompt);
  await newest(page).getByText(prompt, { exact: true }).waitFor();
  await page.reload();
  await newest(page).getByText(prompt, { exact: true }).waitFor();
  expect(await page.title()).toBe("Atelier");
});

test("shows an image large, turns to the next, and closes, all by keyboard", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Count").selectOption("2");
  await say(page, "two boats");
  await newest(page).locator(".tile").first().focus();
  await page.keyboard.press("Enter");
  const shown = page.locator("#lightbox > img");
  const first = await shown.getAttribute("src");
  await page.keyboard.press("ArrowRight");
  expect(await shown.getAttribute("src")).not.toBe(first);
  expect(await page.getByRole("link", { name: "Download" }).first().getAttribute("download")).toMatch(
    /^atelier-.*\.png$/,
  );
  await page.keyboard.press("Escape");
  await shown.waitFor({ state: "hidden" });
});

test("comes back to a job after the connection was lost", async () => {
  const page = await on.open();
  on.playground.usecases.stopAt = "queued";
  let refusals = 0;
  await page.route("**/events", (route) => (refusals++ === 0 ? route.fulfill({ status: 503 }) : route.continue()));
  await say(page, "a fox");
  await page.getByText("Connection lost.").waitFor();
  await on.playground.usecases.proceed("end");
  await newest(page).getByRole("img").waitFor();
  await page.getByText("Connection lost.").waitFor({ state: "hidden" });
  expect(on.complaints.splice(0)).toHaveLength(1); // the browser's own line about the status 503
});

test("shows how far it is and what is drawn so far, until it is finished", async () => {
  on.playground.usecases.stopAt = "running";
  const page = await on.open();
  await say(page, "a fox");
  await newest(page).getByText("Drawing…").waitFor();
  const { id = "" } = on.playground.usecases.jobs[0] ?? {};
  const preview = join(on.playground.uploads, "part.png");
  await writeFile(preview, await pngOf(40, 30));
  on.playground.usecases.progress(id, { percent: 30, preview });
  await newest(page).getByRole("progressbar", { name: "30 % done" }).waitFor();
  expect(await isDrawn(newest(page).getByRole("img", { name: "Not finished yet: a fox" }))).toBe(true);
  await on.playground.usecases.proceed("end");
  await newest(page).getByRole("img", { name: "Generated image: a fox" }).waitFor();
  expect(await newest(page).getByRole("progressbar").count()).toBe(0);
});

test("goes on with wet paint when what was drawn so far is gone", async () => {
  on.playground.usecases.stopAt = "running";
  const page = await on.open();
  await say(page, "a fox");
  await newest(page).getByText("Drawing…").waitFor();
  const { id = "" } = on.playground.usecases.jobs[0] ?? {};
  const asked = page.waitForResponse("**/unfinished?*");
  on.playground.usecases.progress(id, { preview: join(on.playground.uploads, "gone") });
  expect((await asked).status()).toBe(404);
  await expect.poll(() => newest(page).locator(".frame img").count()).toBe(0);
  expect(await newest(page).locator(".frame").count()).toBe(1);
  expect(on.complaints.splice(0)).toHaveLength(1); // the browser's own line about the status 404
});

test("shows earlier messages above, where the reader is", async () => {
  const page = await on.open();
  for (let number = 1; number <= 22; number++) await on.playground.usecases.imagine(...asMember(number));
  const { history } = on.playground.usecases;
  const all = await history.call(on.playground.usecases, asMember(0)[1], { limit: 50 });
  on.playground.usecases.history = async (_caller, { before, limit }) => {
    const from = before === undefined ? 0 : all.findIndex(({ id }) => id === before) + 1;
    return all.slice(from, from + limit);
  };
  await page.reload();
  await page.getByText("kite number 3", { exact: true }).waitFor();
  expect(await page.getByText("kite number 2", { exact: true }).count()).toBe(0);
  await page.getByRole("button", { name: "Earlier messages" }).click();
  await page.getByText("kite number 1", { exact: true }).waitFor();
  expect(await page.locator("#log > li").count()).toBe(22);
  expect(await page.locator("#log > li .prompt").first().textContent()).toBe("kite number 1");
  await page.getByRole("button", { name: "Earlier messages" }).waitFor({ state: "hidden" });
});

function asMember(number: number): [Draft, Caller] {
  const caller = { platform: "web", tenant: "web", member: "web:local", name: "You", locale: "en", replyTarget: "{}" };
  return [{ prompt: `kite number ${number}` }, { ...caller, inbound: `web:kite-${number}` }];
}
