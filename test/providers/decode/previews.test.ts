import { expect, test } from "vitest";
import type { PreviewSink } from "../../../src/image.ts";
import { decodeImages } from "../../../src/providers/decode/decode.ts";
import type { Found } from "../../../src/providers/decode/image-strings.ts";
import { openai } from "../../../src/providers/services/openai/openai.ts";
import { sandbox } from "../../../src/providers/services/sandbox/sandbox.ts";
import { startFakeOpenAi } from "../../support/services/openai.ts";
import { run, testCall, testRequest, testTools } from "../call.ts";
import { inPieces } from "./decoding.ts";

const fox = Buffer.from("a fox, as bytes");
const owl = Buffer.from("an owl, unfinished");
const event = (value: object, name: string) => `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
const partial = (b64_json: string) =>
  event({ type: "image_generation.partial_image", partial_image_index: 0, b64_json }, "image_generation.partial_image");
const completed = event(
  { type: "image_generation.completed", b64_json: fox.toString("base64") },
  "image_generation.completed",
);

/** Previews in memory, with what became of them. */
function previews(broken = false) {
  const made: { path: string; bytes: Buffer; state: "open" | "committed" | "discarded" }[] = [];
  const openPreview = async (index: number): Promise<PreviewSink> => {
    const one: (typeof made)[number] = {
      path: `/preview-${index}-${made.length}`,
      bytes: Buffer.alloc(0),
      state: "open",
    };
    made.push(one);
    return {
      path: one.path,
      async write(chunk) {
        if (broken) throw new Error("ENOSPC");
        one.bytes = Buffer.concat([one.bytes, chunk]);
      },
      commit: async () => {
        one.state = "committed";
      },
      discard: async () => {
        one.state = "discarded";
      },
    };
  };
  return { made, openPreview };
}

async function decode(
  text: string,
  openPreview: ReturnType<typeof previews>["openPreview"] | undefined,
  length = 65_536,
) {
  const call = testCall();
  const places = { count: 1, openImage: call.openImage, openPreview };
  const all: Found[] = await Array.fromAsync(
    decodeImages(
      inPieces(text, () => length),
      places,
    ),
  );
  return { found: all.filter(({ type }) => type !== "rest"), images: call.images };
}

test("a preview is taken while the image is made, however the bytes are cut", async () => {
  for (let length = 1; length < 40; length += 1) {
    const { made, openPreview } = previews();
    const { found, images } = await decode(partial(owl.toString("base64")) + completed, openPreview, length);
    expect(found).toEqual([
      { type: "partial", index: 0, path: "/preview-0-0" },
      { type: "image", index: 0 },
    ]);
    expect(made).toEqual([{ path: "/preview-0-0", bytes: owl, state: "committed" }]);
    expect(images).toEqual(new Map([[0, fox]]));
  }
});

test.each([
  ["is not base64", partial("***"), false],
  ["has no room on the disk", partial(owl.toString("base64")), true],
  [
    "shows itself as one only behind its bytes",
    `data: ${JSON.stringify({ b64_json: owl.toString("base64"), partial_image_index: 0 })}\n\n`,
    false,
  ],
])("a preview that %s costs nothing but itself", async (_what, text, broken) => {
  const { made, openPreview } = previews(broken);
  const { found, images } = await decode(text + completed, openPreview);
  expect(found).toEqual([{ type: "image", index: 0 }]);
  expect(images).toEqual(new Map([[0, fox]]));
  expect(made.filter(({ state }) => state === "committed")).toEqual([]);
});

test("previews are passed over while nobody wants to see any", async () => {
  expect((await decode(partial(owl.toString("base64")) + completed, undefined)).found).toEqual([
    { type: "image", index: 0 },
  ]);
});

test("OpenAI's previews are shown while it streams (OA-16)", async () => {
  const fake = await startFakeOpenAi();
  const extra = Object.fromEntries(
    Object.entries(openai.variables).map(([name, { fallback = "" }]) => [name, fallback]),
  );
  const { apiKey, baseUrl } = fake;
  const provider = openai.create({ apiKey, baseUrl, concurrency: 1, timeoutMs: 60_000, extra }, testTools());
  const { made, openPreview } = previews();
  const events = await run(provider, testRequest({ quality: "high" }), testCall({ openPreview }));
  expect(events.map(({ type }) => type)).toEqual(["partial", "image", "done"]);
  expect(made.map(({ state }) => state)).toEqual(["committed"]);
  await provider.close();
  await fake.close();
});

test("the sandbox pretends to be slow: it tells how far it is, and shows a small preview half way", async () => {
  const extra = { SANDBOX_DELAY_MS: "4000" };
  const provider = sandbox.create({ apiKey: "", baseUrl: "", concurrency: 4, timeoutMs: 60_000, extra }, testTools());
  const { made, openPreview } = previews();
  const events = await run(provider, testRequest(), testCall({ openPreview }));
  expect(events.map((one) => (one.type === "progress" ? one.percent : one.type))).toEqual([
    25,
    50,
    "partial",
    75,
    100,
    "image",
    "done",
  ]);
  expect(made).toHaveLength(1);
  expect(made[0]?.bytes.length).toBeGreaterThan(1000);
});
