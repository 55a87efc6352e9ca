import type { AckFn, App, BlockAction, ViewSubmitAction } from "@slack/bolt";
import { type Asked, knowing } from "../asked.ts";
import type { Parts } from "../context.ts";
import { readSettingChoice } from "../home/settings-blocks.ts";
import { readPress } from "../showing/buttons.ts";
import { attempt } from "../showing/tell.ts";
import { askedByButton, askedByCommand, askedByShortcut, askedOnMessage } from "./asked.ts";
import { formCallback } from "./modal.ts";
import { askedBySubmission, onChoice, onForm, readView } from "./on-form.ts";
import { lineOpensForm, onLine } from "./on-line.ts";
import { onPress, pressOpensForm } from "./on-press.ts";
import { onCreate, onEditMessage } from "./on-shortcut.ts";
import { firstTime } from "./once.ts";
import { consider, problemsIn } from "./precheck.ts";

/** One event. */
export interface Doing {
  readonly ack?: (() => Promise<void>) | undefined;
  readonly asked: Asked;
  /** A form is to be opened, for which there are 3 s: what Slack tells of the member is not waited for. */
  readonly hurried: boolean;
  readonly work: (asked: Asked) => Promise<unknown>;
}

/** Does the work of an event, once, after Slack has been answered, with what Slack tells of the member. */
export type Once = (doing: Doing) => Promise<void>;

/** Callbacks of the shortcuts in the manifest. */
export const shortcuts = { create: "imagine", edit: "edit" } as const;

/** Gives back how to do work once, and what resolves when nothing is under way. */
export function createOnce(parts: Parts): { once: Once; idle: () => Promise<void> } {
  const underway = new Set<Promise<void>>();
  const isFirst = firstTime(parts.context.cache);
  const once: Once = async ({ ack, asked, hurried, work }) => {
    await ack?.();
    let known = asked;
    const afterwards = async () => {
      if (!(await isFirst(asked.inbound))) return;
      const { quickly, facts } = parts.members;
      known = knowing(asked, await (hurried ? quickly : facts)(asked.team, asked.user));
      await work(known);
    };
    await attempt(parts, () => known, afterwards);
  };
  return {
    async once(doing) {
      const done = once(doing).finally(() => underway.delete(done));
      underway.add(done);
      await done;
    },
    idle: async () => void (await Promise.allSettled(underway)),
  };
}

/**
 * Takes what members type, press and send. Slack waits 3 s, so it is answered before anything else is awaited, but for a
 * form's errors, which are its answer.
 */
export function listenToMembers(app: App, parts: Parts, once: Once): void {
  const { locale } = parts.options;
  app.command(/^\/imagine/, ({ ack, body, respond }) => {
    const typed = (body.text ?? "").trim();
    return once({
      ack: timed(parts, ack),
      asked: askedByCommand(body, respond, locale),
      hurried: lineOpensForm(parts, body.command, typed),
      work: (asked) => onLine(parts, body.command, typed, asked),
    });
  });
  app.shortcut({ type: "shortcut", callback_id: shortcuts.create }, ({ ack, body }) => {
    const work = (asked: Asked) => onCreate(parts, asked);
    return once({ ack: timed(parts, ack), asked: askedByShortcut(body, locale), hurried: true, work });
  });
  app.shortcut({ type: "message_action", callback_id: shortcuts.edit }, ({ ack, body, respond }) => {
    const work = (asked: Asked) => onEditMessage(parts, body, asked);
    return once({ ack: timed(parts, ack), asked: askedOnMessage(body, respond, locale), hurried: true, work });
  });
  app.action<BlockAction>({ type: "block_actions" }, async ({ ack, body, action, respond }) => {
    const [press, choice] = [readPress(action.action_id), readSettingChoice(action)];
    const work = (asked: Asked): Promise<unknown> => {
      if (press) return onPress(parts, press, body, asked);
      if (choice) return parts.home.choose(asked, choice);
      return body.view?.type === "modal" ? onChoice(parts, body, asked) : Promise.resolve();
    };
    const asked = askedByButton(body, respond, locale);
    await once({ ack: timed(parts, ack), asked, hurried: press !== undefined && pressOpensForm(parts, press), work });
  });
  app.view<ViewSubmitAction>(formCallback, async ({ ack, body, respond }) => {
    const asked = askedBySubmission(parts, body, respond);
    await takeForm(parts, timed(parts, ack), asked, body, once);
  });
}

type Answer = AckFn<{ response_action: "errors"; errors: Record<string, string> } | undefined>;

async function takeForm(parts: Parts, ack: Answer, asked: Asked, body: ViewSubmitAction, once: Once): Promise<void> {
  const filled = await readView(parts, body.view, asked.team);
  if (!filled) return ack(undefined);
  const { command, memory, answers } = filled;
  const considered = consider(answers, memory);
  const known = considered && knowing(asked, await parts.members.quickly(asked.team, asked.user));
  const errors = known && (await problemsIn(parts, command, considered, known));
  if (errors) return ack({ response_action: "errors", errors });
  await once({
    ack: () => ack(undefined),
    asked,
    hurried: false,
    work: (member) => onForm(parts, filled, member),
  });
}

/** Reports how long Slack had to wait. */
// biome-ignore lint/suspicious/noExplicitAny: each kind of event has its own answer
function timed<Ack extends AckFn<any>>({ context: { observer, world } }: Parts, ack: Ack): Ack {
  const since = world.now();
  return (async (answer: unknown) => {
    await ack(answer);
    observer.acknowledged({ platform: "slack", ms: world.now() - since });
  }) as Ack;
}
