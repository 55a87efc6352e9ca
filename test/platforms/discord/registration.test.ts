import { expect, test } from "vitest";
import { commands } from "../../../commands/index.ts";
import { command } from "../../../src/command/command.ts";
import type { Field } from "../../../src/command/fields.ts";
import { jobReply } from "../../../src/command/reply.ts";
import { renderRegistration } from "../../../src/platforms/discord/registration/registration.ts";
import { commandProblems } from "../../support/discord/rules.ts";

type Rendered = ReturnType<typeof renderRegistration>[number];

const optionsOf = (rendered: Rendered | undefined) =>
  rendered && "options" in rendered ? (rendered.options ?? []) : [];

const said = { label: () => "A label", hint: () => "A hint" };

function registrationOf(fields: Record<string, Field>) {
  const run = async () => jobReply({} as never);
  return renderRegistration([command({ name: "draw", summary: () => "Draws", entry: "typed", fields, run })])[0];
}

test("registers every typed command, and no other, within Discord's limits", () => {
  const rendered = renderRegistration(commands);
  expect([...commandProblems(rendered)]).toEqual([]);
  const typed = commands.filter(({ entry, only }) => entry === "typed" && only === undefined);
  const names = rendered.flatMap((each) => {
    const inside = optionsOf(each).filter(({ type }) => type === 1);
    return inside.length > 0 ? inside.map(({ name }) => `${each.name}-${name}`) : [each.name];
  });
  expect(names.toSorted()).toEqual(
    [...typed.map(({ name }) => name), "Edit image", "Save image as…", "Paint over image"].toSorted(),
  );
});

test("offers every command in servers, direct messages and private channels, however the bot was installed", () => {
  for (const { contexts, integration_types } of renderRegistration(commands)) {
    expect(contexts).toEqual([0, 1, 2]);
    expect(integration_types).toEqual([0, 1]);
  }
});

test("asks /imagine for its prompt first, and takes twelve images one by one, as there is room for", () => {
  const imagine = renderRegistration(commands).find(({ name }) => name === "imagine");
  const names = optionsOf(imagine).map(({ name }) => name);
  const images = ["image", ...Array.from({ length: 11 }, (_, index) => `image${index + 2}`)];
  expect(names).toEqual([
    "prompt",
    "size",
    "quality",
    "count",
    "format",
    ...images,
    "mask",
    "style",
    "provider",
    "private",
    "moderation",
    "background",
    "compression",
    "fidelity",
  ]);
  expect(optionsOf(imagine)[0]).toMatchObject({ type: 3, required: true, max_length: 6000 });
});

test("suggests sizes while they are typed, and offers qualities as a list", () => {
  const options = optionsOf(renderRegistration(commands).find(({ name }) => name === "imagine"));
  expect(options.find(({ name }) => name === "size")).toMatchObject({ type: 3, autocomplete: true });
  const quality = options.find(({ name }) => name === "quality");
  expect(quality).toMatchObject({
    choices: [{ value: "auto" }, { value: "low" }, { value: "medium" }, { value: "high" }],
  });
});

test("renders each kind of field as Discord's own type of option", () => {
  const choices = [{ value: "a", label: () => "A" }];
  const rendered = registrationOf({
    words: { kind: "text", ...said, required: false, maxLength: 9000, multiline: false },
    number: { kind: "integer", ...said, required: false, min: 1, max: 10 },
    sure: { kind: "yes-no", ...said, required: false },
    who: { kind: "member", ...said, required: false },
    mask: { kind: "image", ...said, required: false },
    parts: { kind: "images", ...said, required: false, max: 2 },
    shape: { kind: "choice", ...said, required: false, open: false, choices },
    job: { kind: "job", ...said, required: true },
  });
  expect(optionsOf(rendered).map(({ name, type }) => [name, type])).toEqual([
    ["words", 3],
    ["number", 4],
    ["sure", 5],
    ["who", 6],
    ["mask", 11],
    ["part", 11],
    ["part2", 11],
    ["shape", 3],
  ]);
  expect(optionsOf(rendered)[0]).toMatchObject({ max_length: 6000 });
  expect(optionsOf(rendered)[1]).toMatchObject({ min_value: 1, max_value: 10 });
});

test("puts required fields first, and gives images only the room that the others leave", () => {
  const rendered = registrationOf({
    images: { kind: "images", ...said, required: false, max: 40 },
    sure: { kind: "yes-no", ...said, required: false },
    words: { kind: "text", ...said, required: true, maxLength: 100, multiline: false },
  });
  expect(optionsOf(rendered)[0]?.name).toBe("words");
  expect(optionsOf(rendered)).toHaveLength(25);
  expect([...commandProblems(rendered ? [rendered] : [])]).toEqual([]);
});

test("says everything in Chinese as well, and names options so where Discord allows it", () => {
  const [imagine] = renderRegistration(commands);
  expect(imagine?.description_localizations).toEqual({ "zh-CN": "用文字，或用图片和文字生成图片" });
  for (const option of optionsOf(imagine)) expect(option.description_localizations).toHaveProperty("zh-CN");
  const names = optionsOf(imagine).map((option) => option.name_localizations?.["zh-CN"]);
  expect(names?.slice(0, 2)).toEqual(["提示词", "尺寸"]);
  expect(names).toContain("图片2");
  const spaced = registrationOf({ words: { kind: "text", ...said, required: true, maxLength: 9, multiline: false } });
  expect(optionsOf(spaced)[0]).not.toHaveProperty("name_localizations");
});

test("names commands and subcommands in Chinese, hides those of admins, and offers two on messages", () => {
  const rendered = renderRegistration(commands);
  const named = (name: string) => rendered.find((each) => each.name === name);
  expect(named("imagine")?.name_localizations).toEqual({ "zh-CN": "画图" });
  const grant = optionsOf(named("admin")).find(({ name }) => name === "grant");
  expect(grant).toMatchObject({ type: 1, name_localizations: { "zh-CN": "授予" } });
  expect(named("admin")).toMatchObject({ default_member_permissions: 32 });
  expect(named("imagine")).not.toHaveProperty("default_member_permissions");
  expect(named("Edit image")).toMatchObject({
    type: 3,
    name_localizations: { "zh-CN": "编辑图片" },
    contexts: [0, 1, 2],
  });
  expect(named("Save image as…")).toMatchObject({ type: 3, name_localizations: { "zh-CN": "图片存为…" } });
});
