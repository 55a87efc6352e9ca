import { expect, it } from "vitest";
import { edit } from "../../../commands/edit.ts";
import { Refusal } from "../../../src/errors.ts";
import { fieldOf, readForm } from "../../../src/platforms/slack/events/form.ts";

const incoming = () => ({ filename: "x.png", source: { path: "x" } });
const facts = { team: "T1", job: { job: "j1", index: 2 }, incoming };

it("reads what was left empty as not answered, and the job from the button", () => {
  const values = {
    prompt: { answer: { type: "plain_text_input", value: "bluer" } },
    size: { answer: { type: "static_select", selected_option: null } },
    count: { answer: { type: "number_input", value: null } },
    private: { answer: { type: "static_select", selected_option: null } },
    images: { answer: { type: "file_input", files: [] } },
    mask: { answer: { type: "file_input", files: [] } },
  };
  expect(readForm(edit.fields, values, facts)).toEqual({
    job: { job: "j1", index: 2 },
    prompt: "bluer",
    images: [],
  });
});

it.each([
  [new Refusal("prompt-empty", {}), "prompt"],
  [new Refusal("size-unknown", { size: "x" }), "size"],
  [new Refusal("count-out-of-range", { count: 0, max: 10 }), "count"],
  [new Refusal("option-unknown", { option: "quality", value: "x", allowed: [] }), "quality"],
  [new Refusal("option-unsupported", { option: "background", value: "x", provider: "p" }), "background"],
  [new Refusal("too-many-references", { count: 17, max: 16 }), "images"],
  [new Refusal("mask-without-image", {}), "mask"],
  [new Refusal("not-enough-credits", { needed: 1, available: 0, renewsAt: 0 }), "prompt"],
  [new Refusal("job-unknown", {}), "prompt"],
])("shows %s at the field that it is about, else at the first one, so that the form stays", (refusal, field) => {
  expect(fieldOf(refusal, edit.fields)).toBe(field);
});
