import { expect, test } from "vitest";
import { command } from "../../../src/command/command.ts";
import type { Field, Fields } from "../../../src/command/fields.ts";
import { cardReply } from "../../../src/command/reply.ts";
import { type FormParts, readAnswers } from "../../../src/platforms/web/answers.ts";
import { formOf } from "../../../src/platforms/web/forms.ts";
import { textFor } from "../../../src/text/text.ts";

const shared = { label: () => "Label", hint: () => "Hint", required: false };
const text = textFor("en");

function commandWith(fields: Fields) {
  const card = { title: "", tone: "plain", paragraphs: [] } as const;
  return command({ name: "try", summary: () => "Try", entry: "typed", fields, run: async () => cardReply(card) });
}

function answerTo(field: Field, value?: string, files: readonly string[] = []) {
  const images = files.map((filename) => ({ filename, source: { path: `/uploads/${filename}` } }));
  const parts: FormParts = {
    values: new Map(value === undefined ? [] : [["it", value]]),
    files: new Map(images.length > 0 ? [["it", images]] : []),
  };
  return readAnswers(commandWith({ it: field }), parts).it;
}

const textField: Field = { ...shared, kind: "text", maxLength: 10, multiline: true };
const count: Field = { ...shared, kind: "integer", min: 1, max: 10 };
const yesNo: Field = { ...shared, kind: "yes-no" };
const member: Field = { ...shared, kind: "member" };
const choice: Field = { ...shared, kind: "choice", choices: [], open: true };
const image: Field = { ...shared, kind: "image" };
const images: Field = { ...shared, kind: "images", max: 2 };
const job: Field = { ...shared, kind: "job" };

test.each([
  ["text as it is typed, with lines as they were", textField, " a\r\nb ", " a\nb "],
  ["a whole number", count, "-3", -3],
  ["a ticked box", yesNo, "yes", true],
  ["a box that says no", yesNo, "no", false],
  ["a member by key", member, "web:local", "web:local"],
  ["a choice", choice, "2K 16:9", "2K 16:9"],
  ["a job", job, "01abc", { job: "01abc", index: undefined }],
  ["one image of a job", job, "01abc:3", { job: "01abc", index: 3 }],
])("reads %s", (_, field, value, answer) => {
  expect(answerTo(field, value)).toEqual(answer);
});

test.each([textField, count, yesNo, member, choice, image, images, job])("leaves out an empty $kind", (field) => {
  expect(answerTo(field)).toBeUndefined();
  expect(answerTo(field, "")).toBeUndefined();
});

test.each([count, yesNo, member, choice, image, images, job])("asks for a missing $kind that is required", (field) => {
  expect(() => answerTo({ ...field, required: true })).toThrow("missingField");
});

test("reads one image or several, and refuses more than the field takes", () => {
  expect(answerTo(image, undefined, ["a.png"])).toMatchObject({ filename: "a.png" });
  expect(answerTo(images, undefined, ["a.png", "b.png"])).toHaveLength(2);
  expect(() => answerTo(image, undefined, ["a.png", "b.png"])).toThrow("too-many-references");
  expect(() => answerTo(images, undefined, ["a.png", "b.png", "c.png"])).toThrow("too-many-references");
});

test.each(["1.5", "1e3", "0x10", "ten", "99999999999"])("takes %s for no whole number", (value) => {
  expect(() => answerTo(count, value)).toThrow("notANumber");
});

test.each(["a b", "../x", "ABC", "01abc:-1", "01abc:x", "01abc:1:2"])("takes %s for no job", (value) => {
  expect(() => answerTo(job, value)).toThrow("job-unknown");
});

test("renders a control for every kind of field", () => {
  const fields = { textField, count, yesNo, member, choice, image, images, job };
  const { fields: rendered } = formOf(commandWith(fields), text, { services: [], styles: [], references: [] });
  expect(rendered.map(({ kind }) => kind)).toEqual([
    "text",
    "integer",
    "yes-no",
    "text",
    "choice",
    "image",
    "images",
    "job",
  ]);
  expect(rendered.every(({ label, hint }) => label === "Label" && hint === "Hint")).toBe(true);
});
