import type { types } from "@slack/bolt";
import type { CardButton } from "../../text/card.ts";
import { clip } from "../../text/words.ts";

/** What a button stands for. */
export type Press = Pick<CardButton, "command" | "job" | "image">;

export function buttonElement(button: CardButton): types.Button {
  const key = pressKey(button);
  return {
    type: "button",
    text: { type: "plain_text", text: clip(button.label, 75), emoji: false },
    action_id: key,
    value: key,
    ...(button.style === "plain" ? {} : { style: button.style }),
  };
}

/** `vary:0k3c…:1`; unique within a message, as Slack wants of action ids. */
function pressKey({ command, job, image }: Press): string {
  return [command, job, image ?? ""].join(":");
}

/** Undefined when it is not one of ours. */
export function readPress(key: string): Press | undefined {
  const [, command, job, image] = /^([a-z-]+):([\w-]+):(\d{0,3})$/.exec(key) ?? [];
  if (!command || !job) return undefined;
  return { command, job, ...(image ? { image: Number(image) } : {}) };
}
