import fc from "fast-check";
import { describe, it } from "vitest";
import { eventRules } from "./sse-properties.ts";

const fuzz = { numRuns: 1500, seed: 20261120, interruptAfterTimeLimit: 4000 };

describe("decodeImages, with any events", () => {
  it.each(eventRules)("$name", ({ property }) => fc.assert(property, fuzz));
});
