import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { pngOf } from "../support/landscape.ts";
import { newest, say, stage } from "./browser.ts";

const on = stage();

const file = async (name: string) => ({ name, mimeType: "image/png", buffer: Buffer.from(await pngOf(40, 30)) });

/** Gives the page a file as a drag or the clipboard would. */
async function hand(page: Page, event: "drop" | "paste", name: string): Promise<void> {
  const bytes = [...(await pngOf(40, 30))];
  const script = `(() => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(${JSON.stringify(bytes)})], ${JSON.stringify(name)}, { type: "image/png" }));
    const event = ${event === "drop" ? 'new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true })' : 'new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true })'};
    document.body.dispatchEvent(event);
  })()`;
  await page.evaluate(script);
}

test.each([
  [413, /refused 0 MB|refused 1 MB at once \(413\).*limit of the proxy/],
  [502, /A proxy answered 502/],
  [418, /answered 418/],
])(
  "says in words that a proxy answered %i, and gives back what was written where that helps",
  async (status, words) => {
    const page = await on.open();
    await page.route("**/api/commands/**", (route) => route.fulfill({ status, body: "<html>no</html>" }));
    await say(page, "a fox");
    await newest(page).getByText(words).waitFor();
    if (status === 413) expect(await page.getByLabel("Prompt").inputValue()).toBe("a fox");
    expect(on.complaints.splice(0)).toHaveLength(1); // the browser's own line about the status
  },
);

test("sends attached images with the prompt: chosen, dropped and pasted, less the removed one", async () => {
  const page = await on.open();
  await page.setInputFiles("#file-input", [await file("one.png"), await file("two.png")]);
  await page.getByRole("img", { name: "two.png" }).waitFor();
  await hand(page, "drop", "three.png");
  await page.getByRole("img", { name: "three.png" }).waitFor();
  await hand(page, "paste", "four.png");
  await page.getByRole("img", { name: "four.png" }).waitFor();
  await page.getByRole("button", { name: "Remove two.png" }).click();
  await say(page, "combine them");
  await newest(page).getByRole("img", { name: "Generated image" }).waitFor();
  const [seen] = on.playground.usecases.calls;
  expect(seen?.files.map(({ filename }) => filename)).toEqual(["one.png", "three.png", "four.png"]);
  expect(seen?.files[0]?.bytes).toEqual(Buffer.from(await pngOf(40, 30)));
  expect(await page.locator("#files li").count()).toBe(0);
  expect(await newest(page).locator(".thumbs canvas").count()).toBe(3);
});

test("says which file it cannot take", async () => {
  const page = await on.open();
  await page.setInputFiles("#file-input", { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
  await page.getByText("notes.txt is not a PNG, JPEG or WebP image.").waitFor();
  expect(await page.locator("#files li").count()).toBe(0);
});

test("sends the options that were chosen, and no others", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Size").first().selectOption({ label: "Other…" });
  await page.getByLabel("Size, in your own words").fill("2K 16:9");
  await page.getByLabel("Quality").selectOption("high");
  await page.getByLabel("Private").selectOption("Yes");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("group", { name: "Mask" }).getByRole("button", { name: "Choose an image…" }).click(),
  ]);
  await chooser.setFiles(await file("mask.png"));
  await page.getByRole("button", { name: "2K 16:9 · high · Mask · Private" }).waitFor();
  await page.setInputFiles("#file-input", await file("base.png"));
  await say(page, "a lighthouse");
  await newest(page).getByRole("img", { name: "Generated image" }).waitFor();
  const [seen] = on.playground.usecases.calls;
  expect(seen?.draft).toMatchObject({
    size: "2K 16:9",
    quality: "high",
    private: true,
    mask: { filename: "mask.png" },
  });
  expect([seen?.draft.count, seen?.draft.format]).toEqual([undefined, undefined]);
  await page.getByRole("button", { name: "2K 16:9 · high · Private" }).waitFor(); // files belong to one message
});

test("follows the price while options change, and says why there is none", async () => {
  const page = await on.open();
  await page.getByLabel("Prompt").fill("a fox");
  await page.getByText("20 credits at most").waitFor();
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Count").selectOption("4");
  await page.getByText("80 credits at most").waitFor();
  await page.getByLabel("Size").first().selectOption({ label: "Other…" });
  await page.getByLabel("Size, in your own words").fill("huge");
  await page.getByText("“huge” is not a size.").waitFor();
  expect(on.complaints.splice(0).length).toBeGreaterThan(0); // the browser's own lines about the status 422
});

test("makes a new line with Shift+Enter, and sends nothing that is empty", async () => {
  const page = await on.open();
  await page.getByLabel("Prompt").fill("   ");
  await page.keyboard.press("Enter");
  await page.getByLabel("Prompt").fill("a fox");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("in the snow");
  await page.keyboard.press("Enter");
  await newest(page).getByRole("img").waitFor();
  expect(on.playground.usecases.calls.map(({ draft }) => draft.prompt)).toEqual(["a fox\nin the snow"]);
});

test("makes one job of an impatient double press", async () => {
  const page = await on.open();
  await page.getByLabel("Prompt").fill("a fox");
  await page.getByRole("button", { name: "Send" }).dblclick();
  await newest(page).getByRole("img").waitFor();
  expect(on.playground.usecases.jobs).toHaveLength(1);
});

test("keeps what was written when the server cannot be reached, and sends it once, under one key", async () => {
  const page = await on.open();
  const keys: (string | undefined)[] = [];
  await page.route("**/api/commands/imagine*", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    await route.fetch(); // it arrives, but the answer is lost
    await route.abort();
  });
  await say(page, "a fox");
  await newest(page).getByText("The server cannot be reached.").waitFor();
  await newest(page).getByRole("button", { name: "Try again" }).click();
  await newest(page).getByRole("img").waitFor();
  expect(new Set(keys).size).toBe(1);
  expect(on.playground.usecases.jobs).toHaveLength(1);
  expect(await page.locator("#log > li").count()).toBe(1);
  on.complaints.length = 0; // the browser's own line about the lost answer
});

test("runs the other commands from a list behind a slash", async () => {
  const page = await on.open();
  await page.getByLabel("Prompt").pressSequentially("/cr");
  await page.getByRole("option", { name: "/credits" }).waitFor();
  await page.keyboard.press("Enter");
  await newest(page).getByText("Topped up to 1,000 credits on 2030-01-01 00:00 UTC.").waitFor();
  expect(await page.getByLabel("Prompt").inputValue()).toBe("");
});

test("fills in an example at a press", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: /^A paper-cut fox/ }).click();
  expect(await page.getByLabel("Prompt").inputValue()).toMatch(/^A paper-cut fox/);
});
