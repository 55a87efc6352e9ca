import { expect, it } from "vitest";
import { buttonElement, readPress } from "../../../src/platforms/slack/messages/buttons.ts";

it.each([
  { command: "vary", job: "0k3vjob", image: 0 },
  { command: "again", job: "0k3vjob" },
])("reads from a pressed button what it stands for", (press) => {
  const { action_id } = buttonElement({ ...press, label: "x", style: "plain" });
  expect(readPress(action_id ?? "")).toEqual(press);
});

it.each(["", "answer", "vary", "vary:", "vary:j1", "vary:j1:x", "vary:j 1:0", "Vary:j1:0", "vary:j1:0:0"])(
  "takes %j for none of its own",
  (key) => {
    expect(readPress(key)).toBeUndefined();
  },
);
