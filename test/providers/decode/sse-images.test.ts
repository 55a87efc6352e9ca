import { describe, expect, it } from "vitest";
import { decodeImages } from "../../../src/providers/decode/decode.ts";
import type { Found } from "../../../src/providers/decode/image-strings.ts";
import { MalformedAnswer } from "../../../src/providers/decode/json-tokens.ts";
import { testCall } from "../call.ts";
import { inPieces } from "./decoding.ts";

const fox = Buffer.from("a fox, as bytes");
const owl = Buffer.from([0xfb, 0xef, 0xff, 0xfe, 0, 1, 2, 250]);
const fox64 = fox.toString("base64");
const owl64 = owl.toString("base64");
const event = (value: unknown, name?: string) =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
const completed = (image: object, more: object = {}) =>
  event({ type: "image_generation.completed", ...image, ...more }, "image_generation.completed");
const partial = (at: number) =>
  event(
    { type: "image_generation.partial_image", b64_json: owl64, partial_image_index: at },
    "image_generation.partial_image",
  );

async function decode(text: string, { count = 10, length = (): number => 65_536 } = {}) {
  const call = testCall();
  const body = inPieces(text, length);
  const all: Found[] = await Array.fromAsync(decodeImages(body, { count, openImage: call.openImage }));
  const rests = all.flatMap((found) => (found.type === "rest" ? [found.value] : []));
  return { call, rests, found: all.filter(({ type }) => type !== "rest") };
}

async function failure(text: string): Promise<MalformedAnswer> {
  const error = await decode(text).catch((reason) => reason);
  expect(error).toBeInstanceOf(MalformedAnswer);
  return error;
}

describe("decodeImages, with events", () => {
  it.each(["image_generation", "image_edit"])(
    "commits the image of %s.completed, and no preview (OA-16)",
    async (kind) => {
      const usage = { total_tokens: 7 };
      const text =
        event({ type: `${kind}.partial_image`, b64_json: owl64, partial_image_index: 0 }, `${kind}.partial_image`) +
        event({ type: `${kind}.completed`, b64_json: fox64, usage }, `${kind}.completed`);
      for (let length = 1; length < 30; length += 1) {
        const { call, found, rests } = await decode(text, { length: () => length });
        expect(found).toEqual([{ type: "image", index: 0 }]);
        expect(call.images).toEqual(new Map([[0, fox]]));
        expect(call.sinks.length).toBe(1);
        expect(rests).toEqual([{ type: `${kind}.completed`, usage }]);
      }
    },
  );

  it.each([
    ["the type behind the image", event({ b64_json: fox64, type: "image_generation.completed" })],
    ["a name and no type", event({ b64_json: fox64 }, "image_generation.completed")],
    ["a name behind the data", `data: ${JSON.stringify({ b64_json: fox64 })}\nevent: image_edit.completed\n\n`],
    ["neither name nor type", event({ b64_json: fox64 })],
    ["a data URI", completed({ url: `data:image/png;base64,${fox64}` })],
    ["an empty string and a data URI", completed({ b64_json: "", url: `data:image/png;base64,${fox64}` })],
    ["a preview's place that is null", event({ b64_json: fox64, partial_image_index: null })],
    ["an unfinished last line", completed({ b64_json: fox64 }).trimEnd()],
  ])("takes an image for finished with %s", async (_what, text) => {
    const { call, found } = await decode(text);
    expect(found).toEqual([{ type: "image", index: 0 }]);
    expect(call.images).toEqual(new Map([[0, fox]]));
  });

  it.each([
    ["the type behind the image", event({ b64_json: owl64, type: "image_generation.partial_image" })],
    ["a name and no type", event({ b64_json: owl64 }, "image_edit.partial_image")],
    ["a name behind the data", `data: ${JSON.stringify({ b64_json: owl64 })}\nevent: image_edit.partial_image\n\n`],
    ["its place behind the image", event({ b64_json: owl64, partial_image_index: 0 })],
    ["an address", event({ url: "https://r2.example/1.png", type: "image_generation.partial_image" })],
  ])("takes an image for a preview with %s", async (_what, text) => {
    const { call, found } = await decode(text + completed({ b64_json: fox64 }));
    expect(found).toEqual([{ type: "image", index: 0 }]);
    expect(call.images).toEqual(new Map([[0, fox]]));
    expect(call.sinks.map(({ state }) => state)).not.toContain("open");
  });

  it("tells of an address where no bytes are", async () => {
    const url = "https://r2.example/1.png";
    const { found } = await decode(
      completed({ url }) + completed({ url, b64_json: fox64 }) + completed({ b64_json: "!", url }),
    );
    expect(found).toEqual([
      { type: "url", index: 0, url },
      { type: "image", index: 1 },
      { type: "url", index: 2, url },
    ]);
  });

  it("numbers finished images as they come, and skips those beyond the count", async () => {
    const text =
      completed({ b64_json: fox64 }) + partial(0) + completed({ b64_json: owl64 }) + completed({ b64_json: fox64 });
    const { call, found } = await decode(text, { count: 2 });
    expect(found).toEqual([
      { type: "image", index: 0 },
      { type: "image", index: 1 },
    ]);
    expect(call.images).toEqual(
      new Map([
        [0, fox],
        [1, owl],
      ]),
    );
    expect(call.sinks.length).toBe(2);
  });

  it("passes over everything that is no event with an object", async () => {
    const { found, rests } = await decode(
      `: hello\n\n${event("[DONE]")}${event("ping")}${event("null")}${event({})}${completed({ b64_json: fox64 })}${event("[DONE]")}`,
    );
    expect(found).toEqual([{ type: "image", index: 0 }]);
    expect(rests).toEqual([{}, { type: "image_generation.completed" }]);
  });

  it("sees that they are events behind blanks too", async () => {
    const { found } = await decode(`\n \n${completed({ b64_json: fox64 })}`, { length: () => 1 });
    expect(found).toEqual([{ type: "image", index: 0 }]);
  });

  it("finds images nowhere below what a member wrote, or a service tells beside them", async () => {
    const { found } = await decode(
      completed({
        request: { data: [{ b64_json: fox64 }] },
        more: { b64_json: fox64 },
        prompt: `data: {"b64_json":"${fox64}"}`,
      }),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ["an event of that name", event({ error: { code: "moderation_blocked" } }, "error")],
    ["its type", event({ type: "error", error: { code: "moderation_blocked" } })],
    ["its type, with the error laid open", event({ type: "error", code: "moderation_blocked" })],
    ["an event of that name, with the error laid open", event({ code: "moderation_blocked" }, "error")],
    ["an error in it", event({ error: { code: "moderation_blocked" } })],
  ])("tells of an error by %s", async (_what, text) => {
    const { rests } = await decode(partial(0) + text);
    expect(rests).toMatchObject([{ error: { code: "moderation_blocked" } }]);
  });

  it.each([
    ["nothing", ""],
    ["nothing but blanks", " \n\r\n"],
    ["comments", ": ping\n\n: ping\n\n"],
    ["previews", partial(0) + partial(1)],
    ["an end mark", event("[DONE]")],
    ["half an object", completed({ b64_json: fox64 }).slice(0, -9)],
  ])("calls events cut short that are %s", async (_what, text) => {
    expect((await failure(text)).truncated).toBe(true);
  });

  it("does not call a finished event cut short whose image is bad", async () => {
    const { found, call } = await decode(completed({ b64_json: "not base64!" }));
    expect(found).toEqual([]);
    expect(call.sinks.map(({ state }) => state)).toEqual(["discarded"]);
  });

  it.each([
    ["malformed JSON", event('{"b64_json":}')],
    ["two objects in one event", event("{}{}")],
    ["an endless string", event({ more: "x".repeat(1_100_000) })],
    ["an endless address", completed({ url: `https://${"x".repeat(10_000)}` })],
  ])("refuses %s", async (_what, text) => {
    expect((await failure(text)).truncated).toBe(false);
  });

  it("discards the open image and throws when the body breaks off", async () => {
    const text = event({ b64_json: fox64, type: "image_generation.completed" });
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from(text.slice(0, 30));
      throw new Error("cut");
    }
    const call = testCall();
    await expect(Array.fromAsync(decodeImages(body(), { count: 2, openImage: call.openImage }))).rejects.toThrow("cut");
    expect(call.sinks.map(({ state }) => state)).toEqual(["discarded"]);
  });

  it("holds no more than a megabyte of an image, whatever its line's length, and waits for the sink", async () => {
    const steps: string[] = [];
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('data: {"b64_json":"');
      for (let sent = 0; sent < 64; sent += 1) {
        steps.push("read");
        yield Buffer.from("AAAA".repeat(16_384));
      }
      yield Buffer.from('","type":"image_generation.completed"}\n\n');
    }
    let most = 0;
    const sink = {
      async write(chunk: Uint8Array) {
        most = Math.max(most, chunk.length);
        steps.push("write");
        await new Promise((resolve) => setImmediate(resolve));
        steps.push("written");
      },
      commit: async () => void steps.push("committed"),
      discard: async () => {},
    };
    await Array.fromAsync(decodeImages(body(), { count: 1, openImage: async () => sink }));
    expect(most).toBeLessThanOrEqual(1024 * 1024);
    expect(steps.at(-1)).toBe("committed");
    const writes = steps.flatMap((step, at) => (step === "write" ? [steps[at + 1]] : []));
    expect(writes.length).toBeGreaterThan(2);
    expect(new Set(writes)).toEqual(new Set(["written"]));
  });
});
