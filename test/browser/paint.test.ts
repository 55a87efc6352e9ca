import type { Page } from "playwright-core";
import sharp from "sharp";
import { expect, test } from "vitest";
import { expectFits, seriousFindings, settle } from "./axe.ts";
import { fileOf, painted, paintStage, phone } from "./paint-stage.ts";

const on = paintStage();

const rawOf = (bytes: Buffer | undefined) => sharp(bytes).ensureAlpha().raw().toBuffer();
const alphaOf = (bytes: Buffer | undefined) => sharp(bytes).ensureAlpha().extractChannel("alpha").raw().toBuffer();

async function say(page: Page, prompt: string): Promise<void> {
  await page.getByRole("textbox", { name: "What to change" }).fill(prompt);
  await page
    .getByText(/^\d+ credits/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Sent. The result comes to the chat").first().waitFor();
}

async function stroke(page: Page): Promise<void> {
  const box = await page.locator(".layer").boundingBox();
  if (!box) throw new Error("nothing to paint on");
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.55, { steps: 9 });
  await page.mouse.up();
  await page.getByText(/^[1-9]\d* % of the image is painted\.$/).waitFor();
}

/** Everything that the page sends as files, as it leaves the browser. */
async function sentByPage(page: Page): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  await page.route("**/api/paint", async (route) => {
    const request = route.request();
    const body = request.postDataBuffer() ?? Buffer.alloc(0);
    const form = await new Response(new Uint8Array(body), { headers: request.headers() }).formData();
    for (const [name, value] of form) {
      if (typeof value !== "string") files.set(name, Buffer.from(await value.arrayBuffer()));
    }
    await route.continue();
  });
  return files;
}

test("a brushed mask arrives at the service pixel for pixel, and the result in the channel", async () => {
  const page = await on.follow(await on.link());
  const files = await sentByPage(page);
  await stroke(page);
  await say(page, "a lake instead");
  const [mask] = fileOf(await on.sent("a lake instead"), "mask");
  const alpha = await alphaOf(mask?.data);
  expect(alpha.equals(await alphaOf(files.get("mask")))).toBe(true);
  expect(alpha).toHaveLength(painted.width * painted.height);
  const at = (x: number, y: number) =>
    alpha[Math.floor(y * painted.height) * painted.width + Math.floor(x * painted.width)];
  expect([at(0.2, 0.3), at(0.4, 0.425), at(0.6, 0.55)]).toEqual([0, 0, 0]);
  expect([at(0.9, 0.1), at(0.1, 0.9)]).toEqual([255, 255]);
  await page.getByText("Done").or(page.getByText("Delivered")).first().waitFor();
  const { discord } = on;
  await discord.until(
    () => discord.messages(discord.general).find(({ content }) => content.includes("a lake instead")),
    "it",
  );
});

test("an area that is chosen with keys alone is exactly that area", async () => {
  const page = await on.follow(await on.link());
  await page.getByText("Area, in percent").focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Left", { exact: true }).fill("50");
  await page.getByLabel("Width", { exact: true }).fill("25");
  await page.getByRole("button", { name: "Paint this area" }).press("Enter");
  await page.getByText("13 % of the image is painted.").waitFor();
  await page.getByRole("textbox", { name: "What to change" }).focus();
  await page.keyboard.type("a tower");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Send", exact: true }).press("Enter");
  const [mask] = fileOf(await on.sent("a tower"), "mask");
  const alpha = await alphaOf(mask?.data);
  const expected = Buffer.alloc(alpha.length, 255);
  for (let y = 256; y < 768; y++) expected.fill(0, y * 1024 + 512, y * 1024 + 768);
  expect(alpha.equals(expected)).toBe(true);
});

test("the pen is moved, put down and lifted by keys, which says where it is", async () => {
  const page = await on.follow(await on.link());
  await page.getByRole("application").focus();
  for (const key of [
    "Shift+ArrowLeft",
    "Shift+ArrowLeft",
    "Space",
    "ArrowRight",
    "Shift+ArrowRight",
    "Space",
    "ArrowDown",
  ]) {
    await page.keyboard.press(key);
  }
  await page.getByText("Pen up, 42 % across, 52 % down").waitFor();
  await page.getByText(/^[1-9]\d* % of the image is painted\.$/).waitFor();
  await page.keyboard.press("Control+z");
  await page.getByText("Nothing is painted yet.").waitFor();
});

test("what is drawn goes along as a copy, behind the image as it is", async () => {
  const page = await on.follow(await on.link());
  await page.getByLabel("Draw on it").check();
  await page.getByLabel("Blue").check();
  await stroke(page);
  await say(page, "follow the line");
  const images = fileOf(await on.sent("follow the line"), "image[]").concat(
    fileOf(await on.sent("follow the line"), "image"),
  );
  expect(images).toHaveLength(2);
  const [plain, drawn] = await Promise.all(images.map(({ data }) => rawOf(data)));
  const pixel = (raw: Buffer | undefined, x: number, y: number) => [
    ...(raw ?? []).slice((y * 1024 + x) * 4, (y * 1024 + x) * 4 + 3),
  ];
  expect(pixel(drawn, 410, 435)).toEqual([0x1c, 0x62, 0xe5]);
  expect(pixel(plain, 410, 435)).not.toEqual([0x1c, 0x62, 0xe5]);
  expect(pixel(drawn, 900, 100)).toEqual(pixel(plain, 900, 100));
});

test("room around the image: what is new is transparent in image and mask, the image itself stands in it", async () => {
  const page = await on.follow(await on.link());
  await page.getByLabel("Make room around it").check();
  await page.getByRole("button", { name: "Wider" }).click();
  await page.getByText("With room it measures 1536 × 1024 pixels.").waitFor();
  expect(await page.getByRole("textbox", { name: "What to change" }).inputValue()).toContain("beyond the edges");
  await say(page, "more hills");
  const call = await on.sent("more hills");
  expect(call.fields).toMatchObject({ size: "1536x1024" });
  const [image] = fileOf(call, "image[]").concat(fileOf(call, "image"));
  const [mask] = fileOf(call, "mask");
  for (const file of [image, mask]) {
    const alpha = await alphaOf(file?.data);
    expect(alpha).toHaveLength(1536 * 1024);
    const expected = Buffer.alloc(alpha.length);
    for (let y = 0; y < 1024; y++) expected.fill(255, y * 1536 + 256, y * 1536 + 1280);
    expect(alpha.equals(expected)).toBe(true);
  }
});

test("a page that is opened again stays what it was; its link does not", async () => {
  const link = await on.link();
  const page = await on.follow(link);
  await page.reload();
  await page.locator("#studio:not([hidden])").waitFor();
  const second = await page.goto(link);
  expect(second?.status()).toBe(410);
  await page.getByText("This link was used already").waitFor();
  const stranger = await page.context().browser()?.newPage();
  expect((await stranger?.goto(page.url()))?.status()).toBe(410);
  await expect.poll(() => on.complaints.splice(0).join()).toContain("410"); // the browser says so
});

test.each([
  ["light", {}],
  ["dark", {}],
  ["light", phone],
] as const)(
  "axe finds nothing serious on the pages in %s, nothing sticks out",
  { timeout: 60_000 },
  async (colorScheme, device) => {
    const link = await on.link();
    const page = await on.follow(link, { colorScheme, ...device });
    const name = `${colorScheme}-${"isMobile" in device ? "phone" : "desk"}`;
    for (const mode of ["Mark what to change", "Draw on it", "Make room around it"]) {
      await page.getByLabel(mode).check();
      if (mode !== "Make room around it") await page.getByText("Area, in percent").click();
      if (mode !== "Make room around it") await page.getByRole("button", { name: "Paint this area" }).click();
      await page
        .getByText(/^\d+ credits/)
        .first()
        .waitFor();
      await settle(page);
      expect(await seriousFindings(page), mode).toEqual([]);
      await expectFits(page, mode);
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/${name}-${mode.slice(0, 4)}.png`, fullPage: true });
    }
    await page.goto(link);
    expect(await seriousFindings(page)).toEqual([]);
    await expect.poll(() => on.complaints.splice(0).join()).toContain("410"); // the browser says so
  },
);

test("a finger paints on a telephone, in Chinese", async () => {
  const page = await on.follow(await on.link(), { ...phone, locale: "zh-CN" });
  await page.getByText("标出要修改的部分").waitFor();
  await page.locator(".layer").tap();
  await page.getByText(/^已涂画图片的 \d+%。$/).waitFor();
  await page.getByLabel("要改什么").fill("一座塔");
  await page.getByRole("button", { name: "发送" }).tap();
  await page.getByText("已发送。").waitFor();
  expect(fileOf(await on.sent("一座塔"), "mask")).toHaveLength(1);
});
