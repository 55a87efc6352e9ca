import type { types } from "@slack/bolt";
import type { CardButton } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";

/** What a button stands for. */
export type Press = Pick<CardButton, "command" | "job" | "image">;

/** With `text`, a button that deletes asks first. */
export function buttonElement(button: CardButton, text?: Text): types.Button {
  const key = pressKey(button);
  return {
    type: "button",
    text: { type: "plain_text", text: clip(button.label, 75), emoji: false },
    action_id: key,
    value: key,
    ...(button.style === "plain" ? {} : { style: button.style }),
    ...(text && button.command === "remove" ? { confirm: question(text) } : {}),
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

/** Undefined when it is not one of ours. */
export function readPress(key: string): Press | undefined {
  const [, command, job, image] = /^([a-z-]+):([\w-]*):(\d{0,3})$/.exec(key) ?? [];
  if (!command) return undefined;
  return { command, ...(job ? { job } : {}), ...(image ? { image: Number(image) } : {}) };
}

/** The button of a question that was asked of one member (commands/answer.ts, privacy.ts). */
export function isAnswer({ command }: Press): boolean {
  return command === "accept" || command === "decline" || command.endsWith("-now");
}
