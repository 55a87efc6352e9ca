import { describe, expect, it } from "vitest";
import { decodeImages } from "../../../src/providers/decode/decode.ts";
import { MalformedAnswer } from "../../../src/providers/decode/json-tokens.ts";
import { testCall } from "../call.ts";
import { decode, inPieces } from "./decoding.ts";
import { endlessAnswers, refusesEndless } from "./endless.ts";

const fox = Buffer.from("a fox, as bytes");
const owl = Buffer.from([0xfb, 0xef, 0xff, 0xfe, 0, 1, 2, 250]);
const fox64 = fox.toString("base64");
const owl64 = owl.toString("base64");
const document = (data: unknown, more: object = {}) => JSON.stringify({ created: 1, data, ...more });

describe("decodeImages", () => {
  it("commits base64 images and data URIs by their place in the list", async () => {
    const { call, found, rest } = await decode(
      document([{ b64_json: fox64 }, { url: `data:image/png;base64,${owl64}` }], { usage: { total_tokens: 7 } }),
    );
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
    expect(rest).toEqual({ created: 1, data: [{}, {}], usage: { total_tokens: 7 } });
  });

  it("tells of a URL when there are no bytes, and prefers bytes wherever they stand", async () => {
    const url = "https://r2.example/1.png";
    const { call, found } = await decode(
      document([
        { url },
        { url, b64_json: fox64 },
        { b64_json: fox64, url },
        { url: "", b64_json: null },
        { url, b64_json: "" },
        { url: null, b64_json: owl64 },
        { url: `data:image/webp;base64,${owl64}`, b64_json: fox64 },
      ]),
    );
    expect(found).toEqual([
      { type: "url", index: 0, url },
      { type: "image", index: 1 },
      { type: "image", index: 2 },
      { type: "url", index: 4, url },
      { type: "image", index: 5 },
      { type: "image", index: 6 },
    ]);
    expect(call.images).toEqual(
      new Map([
        [1, fox],
        [2, fox],
        [5, owl],
        [6, owl],
      ]),
    );
  });

  it("uses the URL beside bytes that are no base64", async () => {
    const url = "https://r2.example/1.png";
    const { call, found } = await decode(document([{ b64_json: "not base64!", url }]));
    expect(found).toEqual([{ type: "url", index: 0, url }]);
    expect(call.sinks.map(({ state }) => state)).toEqual(["discarded"]);
  });

  it("finds images nowhere below what a member wrote, or a service tells beside them", async () => {
    const { found, rest } = await decode(
      JSON.stringify({
        meta: { data: [{ b64_json: fox64 }] },
        prompt: `{"data":[{"b64_json":"${fox64}"}]}`,
        input: { images: [{ b64_json: fox64 }], image_url: `data:image/png;base64,${fox64}` },
        request: { image: fox64, data: [fox64] },
        error: { data: [{ b64_json: fox64 }], url: "https://x/errors/5" },
        data: [{ revised_prompt: fox64, deeper: { b64_json: fox64 }, references: [{ url: "https://x/a.png" }] }],
      }),
    );
    expect(found).toEqual([]);
    expect(rest).toMatchObject({ request: { image: fox64 }, meta: { data: [{ b64_json: fox64 }] } });
  });

  it("skips images beyond the count that was asked", async () => {
    const { call, found } = await decode(
      document([{ b64_json: fox64 }, { b64_json: owl64 }, { url: "https://x/" }]),
      1,
    );
    expect(found).toEqual([{ type: "image", index: 0 }]);
    expect(call.sinks.length).toBe(1);
  });

  it("reads escapes, whichever way a serialiser writes them and wherever a chunk ends", async () => {
    const escapes = [
      owl64.replaceAll("/", "\\/"),
      owl64.replaceAll("+", "\\u002B").replaceAll("=", "\\u003d"),
      [...owl64].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
      owl64.replace(/(.{4})/g, "$1\\r\\n"),
    ];
    for (const text of escapes) {
      for (let length = 1; length < 14; length += 1) {
        const { call } = await decode(`{"data":[{"url":"data:image\\/png;base64,${text}"}]}`, 1, () => length);
        expect(call.images.get(0)).toEqual(owl);
      }
    }
  });

  it.each(["AAA", "AA"])("takes base64 without its padding: %s", async (text) => {
    const { call } = await decode(document([{ b64_json: text }]));
    expect(call.images.get(0)).toEqual(Buffer.from(text, "base64"));
  });

  it.each([
    "A",
    "AAAAA",
    "AAA=AAAA",
    "AA=A",
    "A===",
    "=",
    "AAAA=",
    "AAAA====",
    "AAA\\u0041=",
    "AAA\\\\/",
    "AAA\\\\u0041",
    "AA A",
    "AAAä",
    "AA\\tA\\x",
  ])("refuses base64 with a flaw: %s", async (text) => {
    const { call, found } = await decode(`{"data":[{"b64_json":"${text}"},{"b64_json":"${fox64}"}]}`);
    expect(found).toEqual([{ type: "image", index: 1 }]);
    expect([...call.images.keys()]).toEqual([1]);
  });

  it("refuses flawed base64 even when padding and more arrive in different chunks", async () => {
    const { found } = await decode(document([{ b64_json: "AA==AAAA" }]), 1, () => 1);
    expect(found).toEqual([]);
  });

  it("waits for the sink: nothing is read while it is busy", async () => {
    const steps: string[] = [];
    const big = Buffer.alloc(3 * 1024 * 1024, 7).toString("base64");
    async function* body(): AsyncGenerator<Buffer> {
      for await (const chunk of inPieces(document([{ b64_json: big }]), () => 65_536)) {
        steps.push("read");
        yield chunk;
      }
    }
    const busy = {
      async write(): Promise<void> {
        steps.push("write");
        await new Promise((resolve) => setImmediate(resolve));
        steps.push("written");
      },
      commit: async () => {},
      discard: async () => {},
    };
    await Array.fromAsync(decodeImages(body(), { count: 1, openImage: async () => busy }));
    const writes = steps.flatMap((step, at) => (step === "write" ? [steps[at + 1]] : []));
    expect(writes.length).toBeGreaterThan(2);
    expect(new Set(writes)).toEqual(new Set(["written"]));
  });

  it("discards an image of more than 64 MB and keeps the others", async () => {
    const piece = Buffer.from("A".repeat(1024 * 1024));
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"data":[{"b64_json":"');
      for (let sent = 0; sent < 88; sent += 1) yield piece;
      yield Buffer.from(`"},{"b64_json":"${fox64}"}]}`);
    }
    let bytes = 0;
    const states: string[] = [];
    const sink = {
      write: async (chunk: Uint8Array) => {
        bytes += chunk.length;
      },
      commit: async () => void states.push("committed"),
      discard: async () => void states.push("discarded"),
    };
    const found = await Array.fromAsync(decodeImages(body(), { count: 2, openImage: async () => sink }));
    expect(found[0]).toEqual({ type: "image", index: 1 });
    expect(states).toEqual(["discarded", "committed"]);
    expect(bytes).toBeLessThan(65 * 1024 * 1024);
  });

  it.each([
    ["an endless string", `{"data":[],"more":"${"x".repeat(1_100_000)}"}`],
    ["an endless key", `{"${"x".repeat(1_100_000)}":1}`],
    ["endless small values", `{"data":[],"more":[${"1,".repeat(80_000)}1]}`],
    ["an endless number", `{"data":[],"more":${"1".repeat(2000)}}`],
    ["an endless URL", `{"data":[{"url":"https://${"x".repeat(10_000)}"}]}`],
    ["too deep nesting", `{"a":${"[".repeat(40)}${"]".repeat(40)}}`],
  ])("refuses %s instead of keeping it", async (_what, text) => {
    await expect(decode(text, 1, () => 4096)).rejects.toThrow(MalformedAnswer);
  });

  it.each(endlessAnswers)("stops reading an answer of endless $name, in little memory", async ({ name }) => {
    expect(await refusesEndless(name)).toBeLessThan(400_000_000);
  });

  it("has no prototype that an answer could change", async () => {
    const { rest } = await decode('{"__proto__":{"polluted":1},"data":[]}');
    expect(Object.keys(rest as object)).toEqual(["__proto__", "data"]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it.each([
    ["in the first image", 40],
    ["between images", 60],
    ["before the end", 1_000],
  ])("discards the open image and throws when the body breaks off %s", async (_where, at) => {
    const text = document([{ b64_json: fox64 }, { b64_json: fox64 }]);
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from(text.slice(0, Math.min(at, text.length - 1)));
      throw new Error("cut");
    }
    const call = testCall();
    await expect(Array.fromAsync(decodeImages(body(), { count: 2, openImage: call.openImage }))).rejects.toThrow("cut");
    expect(call.sinks.map(({ state }) => state)).not.toContain("open");
  });
});

describe("decodeImages, wherever relays put an image", () => {
  const picture = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(200, 7)]);
  const picture64 = picture.toString("base64");

  it.each([
    ["a data URI in b64_json", { b64_json: `data:image/png;base64,${picture64}` }],
    ["a data URI with blanks around it", { url: ` data:image/png; base64, ${picture64}` }],
    ["bare base64 in url", { url: picture64 }],
    ["base64 in b64_json", { b64_json: picture64 }],
  ])("takes %s, however it is cut", async (_what, item) => {
    for (const length of [1, 7, 50, 65_536]) {
      const { call } = await decode(document([item]), 1, () => length);
      expect(call.images.get(0)).toEqual(picture);
    }
  });

  it.each([
    ["a path", "/files/1.png"],
    ["no scheme", "//cdn.example/1.png"],
    ["blanks around it", "  https://cdn.example/1.png\n"],
    ["a host alone", "cdn.example/1.png"],
  ])("tells of an address with %s", async (_what, url) => {
    expect((await decode(document([{ url }]))).found).toEqual([{ type: "url", index: 0, url: url.trim() }]);
    if (!url.includes("://")) return;
    expect((await decode(document([{ b64_json: url }]))).found).toEqual([{ type: "url", index: 0, url: url.trim() }]);
  });

  it.each(["pending", "ftp://x/1.png", "javascript:alert(1)/x", "/", "no words/here", ""])(
    "takes %j for no address",
    async (url) => {
      expect((await decode(document([{ url }]))).found).toEqual([]);
    },
  );
});
