import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Refusal } from "../../src/errors.ts";
import { fitRequest } from "../../src/providers/fit-request.ts";
import { fitSize, nearestSize } from "../../src/providers/fit-size.ts";
import { gptImage2 } from "../../src/providers/gpt-image-2.ts";
import { parseSize, sizeText } from "../../src/request.ts";
import { testRequest } from "./call.ts";

describe("nearestSize", () => {
  it.each([
    ["1000x1000", "1008x1008"],
    ["1080x1920", "1088x1920"],
    ["4000x4000", "2880x2880"],
    ["5000x500", "1536x512"],
    ["100x100", "816x816"],
    ["1x9999", "1280x3840"],
    ["64x64", "816x816"],
  ])("of %s keeps the rules for free sizes and is near", (asked, expected) => {
    const size = nearestSize(parseSize(asked) ?? "auto", gptImage2);
    expect(size && sizeText(size)).toBe(expected);
  });

  it("always keeps the rules", () => {
    const side = fc.integer({ min: 1, max: 99_999 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const size = nearestSize({ width, height }, gptImage2);
        expect(size).toBeDefined();
        expect(size && fitSize(size, { ...gptImage2, sizes: [] })).toEqual({ size, exact: true });
      }),
      { seed: 20261129, numRuns: 2000 },
    );
  });

  it("is told of in the refusal, and where sizes are listed there is none", () => {
    const refused = (capabilities: typeof gptImage2) => {
      try {
        fitRequest(testRequest({ size: { width: 1000, height: 1000 } }), { label: "Some", capabilities });
      } catch (error) {
        return (error as Refusal<"size-unsupported">).facts.nearest;
      }
      return "taken";
    };
    expect(refused(gptImage2)).toBe("1008x1008");
    expect(refused({ ...gptImage2, customSizes: false })).toBeUndefined();
  });
});
