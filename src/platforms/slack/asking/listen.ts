import type { AckFn, App, BlockAction, ViewSubmitAction } from "@slack/bolt";
import type { SlackContext } from "../context.ts";
import { type SlackEvent, withMember } from "../event.ts";
import { readSettingChoice } from "../home/settings-blocks.ts";
import { readPress } from "../showing/buttons.ts";
import { attempt } from "../showing/tell.ts";
import { buttonEvent, commandEvent, messageShortcutEvent, shortcutEvent } from "./events.ts";
import { formCallback } from "./modal.ts";
import { askedBySubmission, onChoice, onForm, readView } from "./on-form.ts";
import { lineOpensForm, onLine } from "./on-line.ts";
import { onPress, pressOpensForm } from "./on-press.ts";
import { onCreate, onEditMessage } from "./on-shortcut.ts";
import { firstTime } from "./once.ts";
import { problemsIn, toQuoteInput } from "./precheck.ts";

/** One event. */
export interface Doing {
  readonly ack?: (() => Promise<void>) | undefined;
  readonly asked: SlackEvent;
  /** A form is to be opened, for which there are 3 s: what Slack tells of the member is not waited for. */
  readonly hurried: boolean;
  readonly work: (event: SlackEvent) => Promise<unknown>;
}

/** Does the work of an event, once, after Slack has been answered, with what Slack tells of the member. */
export type Once = (doing: Doing) => Promise<void>;

/** Callbacks of the shortcuts in the manifest. */
export const shortcuts = { create: "imagine", edit: "edit" } as const;

/** Gives back how to do work once, and what resolves when nothing is under way. */
export function createOnce(slack: SlackContext): { once: Once; idle: () => Promise<void> } {
  const underway = new Set<Promise<void>>();
  const isFirst = firstTime(slack.context.cache);
  const once: Once = async ({ ack, asked: event, hurried, work }) => {
    await ack?.();
    let known = event;
    const afterwards = async () => {
      if (!(await isFirst(event.inbound))) return;
      const { quickly, facts } = slack.members;
      known = withMember(event, await (hurried ? quickly : facts)(event.team, event.user));
      await work(known);
    };
    await attempt(slack, () => known, afterwards);
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
export function listenToMembers(app: App, slack: SlackContext, once: Once): void {
  const { locale } = slack.options;
  app.command(/^\/imagine/, ({ ack, body, respond }) => {
    const typed = (body.text ?? "").trim();
    return once({
      ack: timed(slack, ack),
      asked: commandEvent(body, respond, locale),
      hurried: lineOpensForm(slack, body.command, typed),
      work: (event) => onLine(slack, body.command, typed, event),
    });
  });
  app.shortcut({ type: "shortcut", callback_id: shortcuts.create }, ({ ack, body }) => {
    const work = (event: SlackEvent) => onCreate(slack, event);
    return once({ ack: timed(slack, ack), asked: shortcutEvent(body, locale), hurried: true, work });
  });
  app.shortcut({ type: "message_action", callback_id: shortcuts.edit }, ({ ack, body, respond }) => {
    const work = (event: SlackEvent) => onEditMessage(slack, body, event);
    return once({ ack: timed(slack, ack), asked: messageShortcutEvent(body, respond, locale), hurried: true, work });
  });
  app.action<BlockAction>({ type: "block_actions" }, async ({ ack, body, action, respond }) => {
    const [press, choice] = [readPress(action.action_id), readSettingChoice(action)];
    const work = (event: SlackEvent): Promise<unknown> => {
      if (press) return onPress(slack, press, body, event);
      if (choice) return slack.home.choose(event, choice);
      return body.view?.type === "modal" ? onChoice(slack, body, event) : Promise.resolve();
    };
    const event = buttonEvent(body, respond, locale);
    await once({
      ack: timed(slack, ack),
      asked: event,
      hurried: press !== undefined && pressOpensForm(slack, press),
      work,
    });
  });
  app.view<ViewSubmitAction>(formCallback, async ({ ack, body, respond }) => {
    const event = askedBySubmission(slack, body, respond);
    await takeForm(slack, timed(slack, ack), event, body, once);
  });
}

type Answer = AckFn<{ response_action: "errors"; errors: Record<string, string> } | undefined>;

async function takeForm(
  slack: SlackContext,
  ack: Answer,
  event: SlackEvent,
  body: ViewSubmitAction,
  once: Once,
): Promise<void> {
  const filled = await readView(slack, body.view, event.team);
  if (!filled) return ack(undefined);
  const { command, memory, answers } = filled;
  const considered = toQuoteInput(answers, memory);
  const known = considered && withMember(event, await slack.members.quickly(event.team, event.user));
  const errors = known && (await problemsIn(slack, command, considered, known));
  if (errors) return ack({ response_action: "errors", errors });
  await once({
    ack: () => ack(undefined),
    asked: event,
    hurried: false,
    work: (member) => onForm(slack, filled, member),
  });
}

/** Reports how long Slack had to wait. */
// biome-ignore lint/suspicious/noExplicitAny: each kind of event has its own answer
function timed<Ack extends AckFn<any>>({ context: { observer, world } }: SlackContext, ack: Ack): Ack {
  const since = world.now();
  return (async (answer: unknown) => {
    await ack(answer);
    observer.acknowledged({ platform: "slack", ms: world.now() - since });
  }) as Ack;
}
