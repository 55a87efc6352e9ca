import type { types } from "@slack/bolt";
import type { CardButton } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";

/** A button under a message. */
export interface MessageButton extends CardButton {
  /** Slack asks whether it is meant before it is sent. */
  readonly asksFirst?: boolean;
}

/** The command that a button runs, and the job or image that it is about. */
export type Press = Pick<CardButton, "command" | "job" | "image">;

/** Renders a button; with `text`, one that deletes asks first. */
export function buttonElement(button: MessageButton, text?: Text): types.Button {
  const key = pressKey(button);
  return {
    type: "button",
    text: { type: "plain_text", text: clip(button.label, 75), emoji: false },
    action_id: key,
    value: key,
    ...(button.style === "plain" ? {} : { style: button.style }),
    ...(text && button.asksFirst ? { confirm: question(text) } : {}),
  };
}

function question({ slack, buttons }: Text): types.ConfirmationDialog {
  const words = (said: string, limit: number): types.PlainTextElement => ({
    type: "plain_text",
    text: clip(said, limit),
  });
  return {
    title: words(slack.deleteTitle, 100),
    text: words(slack.deleteText, 300),
    confirm: words(buttons.delete, 30),
    deny: words(slack.no, 30),
    style: "danger",
  };
}

/** `vary:0k3c…:1`; unique within a message, as Slack wants of action ids. */
function pressKey({ command, job, image }: Press): string {
  return [command, job ?? "", image ?? ""].join(":");
}

/** Reads a button; undefined when it is not one of ours. */
export function readPress(key: string): Press | undefined {
  const [, command, job, image] = /^([a-z-]+):([\w-]*):(\d{0,3})$/.exec(key) ?? [];
  if (!command) return undefined;
  return { command, ...(job ? { job } : {}), ...(image ? { image: Number(image) } : {}) };
}
