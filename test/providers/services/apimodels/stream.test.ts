import { describe, expect, it } from "vitest";
import type { Json } from "../../../../src/providers/decode/json.ts";
import { MalformedAnswer } from "../../../../src/providers/decode/json-tokens.ts";
import { peek, readDocument } from "../../../../src/providers/services/apimodels/stream.ts";
import { sha256, type TestCall, testCall } from "../../call.ts";
import { inPieces } from "../../decode/decoding.ts";

const image = (seed: number, length = 30_001) =>
  Buffer.from(Array.from({ length }, (_, at) => (at * 7919 + seed * 31) % 256));
const base64 = (bytes: Buffer) => bytes.toString("base64");

async function read(
  document: unknown,
  { count = 10, arrived = [] as number[], length = 1000, call = testCall() } = {},
): Promise<{ rest: Json; call: TestCall; arrived: number[] }> {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  const places = { count, arrived: new Set(arrived), openImage: call.openImage };
  const rest = await readDocument({ body: inPieces(text, () => length) }, places);
  return { rest, call, arrived: [...places.arrived] };
}

describe("readDocument", () => {
  it.each([
    ["in an image's object", (b64: string[]) => ({ data: { images: b64.map((b64_json) => ({ b64_json })) } })],
    ["in a list of texts", (b64: string[]) => ({ data: { result: b64 } })],
    ["as data URIs", (b64: string[]) => ({ output: b64.map((text) => `data:image/png;base64,${text}`) })],
    ["beside URLs", (b64: string[]) => ({ data: b64.map((b64_json) => ({ url: "https://a.b/c.png", b64_json })) })],
    ["among other things", (b64: string[]) => ({ images: b64.map((b64_json) => ({ tags: ["a"], b64_json, n: 1 })) })],
  ])("commits images %s, each under its place, however the text is cut (X-24)", async (_where, shape) => {
    const images = [image(1), image(2)];
    for (const length of [7, 1000, 1_000_000]) {
      const { call, arrived } = await read(shape(images.map(base64)), { length });
      expect(arrived).toEqual([0, 1]);
      expect([...call.images.values()].map(sha256)).toEqual(images.map(sha256));
      expect(call.sinks.length).toBe(2);
    }
  });

  it("returns the rest, with null for images and with what only looks like one", async () => {
    const document = {
      data: {
        prompt: base64(image(3)),
        url: "https://a.b/c?d=\u00e9",
        state: "done",
        images: [{ b64_json: "AAAA" }],
        n: [1, null],
      },
    };
    const { rest, call } = await read(document);
    expect(rest).toEqual({ data: { ...document.data, images: [{ b64_json: null }] } });
    expect(call.images.size).toBe(1);
  });

  it("leaves what is too many, and what is there already", async () => {
    const { call, arrived } = await read(
      { images: [1, 2, 3].map((seed) => base64(image(seed))) },
      { count: 2, arrived: [0] },
    );
    expect(arrived).toEqual([0, 1]);
    expect([...call.images.keys()]).toEqual([1]);
  });

  it("goes on behind bytes that are none", async () => {
    const { call, arrived } = await read({
      images: [{ b64_json: `${base64(image(1))}*` }, { b64_json: base64(image(2)) }],
    });
    expect(arrived).toEqual([1]);
    expect(call.sinks.map(({ state }) => state)).toEqual(["discarded", "committed"]);
  });

  it.each([
    ["cut in an image", `{"images":["${base64(image(1))}`],
    ["cut behind an image", `{"images":["${base64(image(1))}"`],
    ["no JSON", "<html>"],
  ])("throws for a document that is %s, and leaves no sink open", async (_what, text) => {
    const call = testCall();
    await expect(read(text, { call })).rejects.toThrow(MalformedAnswer);
    expect(call.sinks.map(({ state }) => state)).not.toContain("open");
  });

  it("lets an error of a sink pass", async () => {
    const full = { write: () => Promise.reject(new Error("ENOSPC")), commit: async () => {}, discard: async () => {} };
    const call = testCall({ openImage: async () => full });
    await expect(read({ images: [base64(image(1, 2_000_000))] }, { call })).rejects.toThrow("ENOSPC");
    expect(call.sinks.map(({ state }) => state)).toEqual(["discarded"]);
  });
});

describe("peek", () => {
  const answer = (text: string) => ({ body: inPieces(text, () => 1000), status: 200, headers: {}, reference: "r" });
  const textOf = async (body: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(body)).toString();

  it.each([
    ["short", "x", { a: "x" }],
    ["too long to be about a task", "x".repeat(100_000), undefined],
  ])("knows the document of an answer that is %s, which can still be read", async (_what, a, document) => {
    const text = JSON.stringify({ a });
    const seen = await peek(answer(text));
    expect(seen.document).toEqual(document);
    expect(await textOf(seen.answer.body)).toBe(text);
    expect(seen.answer).toMatchObject({ status: 200, reference: "r" });
  });

  it("knows no document of what is no JSON", async () => {
    const seen = await peek(answer("<html>"));
    expect(seen.document).toBeUndefined();
    expect(await textOf(seen.answer.body)).toBe("<html>");
  });

  it("closes the body when its reader stops early", async () => {
    let closed = false;
    async function* body() {
      try {
        for (;;) yield Buffer.alloc(70_000, 32);
      } finally {
        closed = true;
      }
    }
    const seen = await peek({ ...answer(""), body: body() });
    for await (const _ of seen.answer.body) break;
    expect(closed).toBe(true);
  });
});
