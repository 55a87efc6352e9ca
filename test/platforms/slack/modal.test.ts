import type { types } from "@slack/bolt";
import { expect, it } from "vitest";
import { commands } from "../../../commands/index.ts";
import { renderModal } from "../../../src/platforms/slack/events/modal.ts";
import { checkView } from "../../support/slack/limits.ts";
import type { Json } from "../../support/slack/state.ts";

const languages = ["en-US", "zh-CN"];
const rendered = (name: string, channel?: string) => {
  const command = commands.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  const memory = { command: name, channel, ...(channel ? { job: { job: "j1", index: 0 } } : {}) };
  return renderModal(command, memory, "en", { services: [{ name: "sandbox", label: "Sandbox", total: 5 }] });
};

it.each(languages)("keeps every command's form within Slack's limits in %s", (locale) => {
  const broken: string[] = [];
  for (const command of commands) {
    const view = renderModal(command, { command: command.name }, locale);
    checkView(view as unknown as Json, (sentence) => broken.push(`${command.name}: ${sentence}`));
  }
  expect(broken).toEqual([]);
});

it("renders each kind of field by Slack's own input", () => {
  const { blocks } = rendered("imagine");
  const inputs = (blocks.filter(({ type }) => type === "input") as types.InputBlock[]).map(
    ({ block_id, element, optional }) => [block_id, element.type, optional],
  );
  expect(inputs).toEqual([
    ["prompt", "plain_text_input", false],
    ["size", "static_select", true],
    ["quality", "static_select", true],
    ["count", "static_select", true],
    ["format", "static_select", true],
    ["images", "file_input", true],
    ["mask", "file_input", true],
    ["provider", "static_select", true],
    ["private", "static_select", true],
    ["moderation", "static_select", true],
    ["background", "static_select", true],
    ["compression", "number_input", true],
    ["fidelity", "static_select", true],
    [".where", "conversations_select", true],
  ]);
});

it("does not ask where, nor for the job, when a button has said it", () => {
  const ids = rendered("edit", "C1").blocks.map(({ block_id }) => block_id);
  expect(ids).not.toContain(".where");
  expect(ids).not.toContain("job");
  expect(JSON.parse(rendered("edit", "C1").private_metadata ?? "")).toEqual({
    command: "edit",
    channel: "C1",
    job: { job: "j1", index: 0 },
  });
});
