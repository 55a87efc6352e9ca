import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeImages } from "../../../src/providers/decode/decode.ts";
import { MalformedAnswer } from "../../../src/providers/decode/json-tokens.ts";
import { testCall } from "../call.ts";
import { documentRules, likeTheOracle } from "./decode-properties.ts";
import { inPieces } from "./decoding.ts";

const fuzz = { numRuns: 1500, seed: 20261120, interruptAfterTimeLimit: 5000 };
const corpus = path.join(import.meta.dirname, "../../fixtures/decoder");
const filesIn = (folder: string) => readdirSync(path.join(corpus, folder)).map((name) => path.join(folder, name));

describe("decodeImages, against JSON.parse", () => {
  it.each(documentRules)("$name", ({ property }) => fc.assert(property, fuzz));

  it.each(filesIn("documents"))("reads the same in %s, wherever it is cut", async (file) => {
    const text = readFileSync(path.join(corpus, file));
    for (const length of [1, 2, 3, 7, 64, text.length]) await likeTheOracle(text, () => length);
  });

  it.each(filesIn("hostile"))("refuses %s, wherever it is cut", async (file) => {
    const text = readFileSync(path.join(corpus, file));
    for (const length of [1, 5, 4096, text.length]) {
      const call = testCall();
      const body = inPieces(text, () => length);
      const reading = Array.fromAsync(decodeImages(body, { count: 10, openImage: call.openImage }));
      await expect(reading).rejects.toThrow(MalformedAnswer);
      expect(call.sinks.map(({ state }) => state)).not.toContain("open");
    }
  });
});
