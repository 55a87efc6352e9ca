import { describe, expect, it } from "vitest";
import type { Draft } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import { baseFor } from "../../src/policy/defaults.ts";
import { plainRequest, readDraft } from "../../src/policy/draft.ts";

const read = (draft: Partial<Draft>, base = plainRequest) => readDraft({ prompt: "a fox", ...draft }, base);
function codeOf(draft: Partial<Draft>): string {
  try {
    read(draft);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return "taken";
}

describe("the look of a file, as it is typed", () => {
  it("is read in any case, with blanks around", () => {
    expect(read({ background: " Transparent ", fidelity: "HIGH", compression: 0, format: "webp" })).toMatchObject({
      background: "transparent",
      fidelity: "high",
      compression: 0,
      format: "webp",
    });
  });

  it.each([
    ["option-unknown", { background: "purple" }],
    ["option-unknown", { fidelity: "medium" }],
    ["compression-out-of-range", { compression: 101 }],
    ["compression-out-of-range", { compression: -1 }],
    ["compression-out-of-range", { compression: 1.5 }],
    ["transparent-in-jpeg", { background: "transparent", format: "jpeg" }],
    ["taken", { background: "transparent", format: "webp" }],
    ["taken", { background: "opaque", format: "jpeg" }],
  ])("is %s for %o", (code, draft) => {
    expect(codeOf(draft)).toBe(code);
  });
});

describe("a habit that excludes what is typed", () => {
  it("yields: a transparent background makes a PNG where JPEG is usual", () => {
    const base = { ...plainRequest, format: "jpeg" } as const;
    expect(read({ background: "transparent" }, base)).toMatchObject({ background: "transparent", format: "png" });
  });

  it("yields: a JPEG has no transparent background where that is usual", () => {
    const base = { ...plainRequest, background: "transparent" } as const;
    expect(read({ format: "jpeg" }, base)).toMatchObject({ background: "auto", format: "jpeg" });
    expect(read({}, base)).toMatchObject({ background: "transparent", format: "png" });
  });

  it("is the member's before the place's", () => {
    const rules = { defaults: { format: "jpeg", background: "opaque", compression: 50 } };
    const member = { background: "transparent", fidelity: "high" };
    expect(baseFor({ rules, member } as never, [])).toMatchObject({
      background: "transparent",
      format: "png",
      compression: 50,
      fidelity: "high",
    });
  });
});
