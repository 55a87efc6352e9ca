import type { AckFn, App, BlockAction, RespondFn, ViewSubmitAction } from "@slack/bolt";
import { textFor } from "../../../text/text.ts";
import type { Origin } from "../api/tokens.ts";
import type { SlackContext } from "../context.ts";
import { type SlackEvent, withMember } from "../event.ts";
import { readSettingChoice } from "../home/settings-blocks.ts";
import { readPress } from "../messages/buttons.ts";
import { attempt } from "../messages/private-answer.ts";
import { buttonEvent, commandEvent, type EventIn, messageShortcutEvent, shortcutEvent } from "./events.ts";
import { formCallback } from "./modal.ts";
import { onChoice, onForm, readView, submissionEvent } from "./on-form.ts";
import { lineOpensForm, onLine } from "./on-line.ts";
import { onPress, pressOpensForm } from "./on-press.ts";
import { onCreate, onEditMessage, onPaintMessage, onSaveMessage } from "./on-shortcut.ts";
import { firstTime } from "./once.ts";
import { commandOrigin, interactiveOrigin } from "./origin.ts";
import { closedFileIn, problemsIn } from "./precheck.ts";
import { toQuoteInput } from "./quote-input.ts";

/** One event. */
export interface Doing {
  readonly ack?: (() => Promise<void>) | undefined;
  readonly origin: Origin;
  readonly event: EventIn;
  /** The time of a change: a changed message is one more event, although it asks for the same job. */
  readonly edition?: string | undefined;
  /** A form is to be opened, for which there are 3 s: the member's facts are not waited for. */
  readonly hurried: boolean;
  readonly work: (event: SlackEvent) => Promise<unknown>;
}

/** Does the work of an event, once, after Slack has been answered, with the facts that Slack gives about the member. */
export type Once = (doing: Doing) => Promise<void>;

/** Callbacks of the shortcuts in the manifest. */
export const shortcuts = { create: "imagine", edit: "edit", save: "save", paint: "paint" } as const;

/** `idle` resolves when nothing is under way. */
export function createOnce(slack: SlackContext): { once: Once; idle: () => Promise<void> } {
  const underway = new Set<Promise<void>>();
  const isFirst = firstTime(slack.context.cache);
  const once: Once = async ({ ack, origin, event, edition = "", hurried, work }) => {
    await ack?.();
    let known = event(origin.teams[0] ?? "");
    const afterwards = async () => {
      const team = await slack.workspaces.resolve(origin);
      if (team === undefined) return ignored(slack, origin);
      known = event(team);
      if (!(await isFirst(`${known.inbound}${edition}`))) return;
      const { quickly, facts } = slack.members;
      known = withMember(known, await (hurried ? quickly : facts)(team, known.user));
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
      origin: commandOrigin(body),
      event: (team) => commandEvent(team, body, respond, locale),
      hurried: lineOpensForm(slack, body.command, typed),
      work: (event) => onLine(slack, body.command, typed, event),
    });
  });
  app.shortcut({ type: "shortcut", callback_id: shortcuts.create }, ({ ack, body }) =>
    once({
      ack: timed(slack, ack),
      origin: interactiveOrigin(body),
      event: (team) => shortcutEvent(team, body, locale),
      hurried: true,
      work: (event) => onCreate(slack, event),
    }),
  );
  listenToMenus(app, slack, once);
  app.action<BlockAction>({ type: "block_actions" }, async ({ ack, body, action, respond }) => {
    const [press, choice] = [readPress(action.action_id), readSettingChoice(action)];
    const work = (event: SlackEvent): Promise<unknown> => {
      if (press) return onPress(slack, press, body, event);
      if (choice) return slack.home.choose(event, choice);
      return body.view?.type === "modal" ? onChoice(slack, body, event) : Promise.resolve();
    };
    await once({
      ack: timed(slack, ack),
      origin: interactiveOrigin(body),
      event: (team) => buttonEvent(team, body, respond, locale),
      hurried: press !== undefined && pressOpensForm(slack, press),
      work,
    });
  });
  app.view<ViewSubmitAction>(formCallback, ({ ack, body, respond }) =>
    takeForm(slack, timed(slack, ack), body, respond, once),
  );
}

/** Takes what members choose in the menu of a message. */
function listenToMenus(app: App, slack: SlackContext, once: Once): void {
  const menus = [
    [shortcuts.edit, onEditMessage],
    [shortcuts.save, onSaveMessage],
    [shortcuts.paint, onPaintMessage],
  ] as const;
  for (const [callback_id, work] of menus) {
    app.shortcut({ type: "message_action", callback_id }, ({ ack, body, respond }) =>
      once({
        ack: timed(slack, ack),
        origin: interactiveOrigin(body),
        event: (team) => messageShortcutEvent(team, body, respond, slack.options.locale),
        hurried: true,
        work: (event) => work(slack, body, event),
      }),
    );
  }
}

/** Slack sends to one address what happens in every workspace that has installed the app. */
function ignored({ context }: SlackContext, { teams }: Origin): void {
  context.log.info({ teams }, "Slack: an event of another installation is ignored");
}

type Answer = AckFn<{ response_action: "errors"; errors: Record<string, string> } | undefined>;

async function takeForm(
  slack: SlackContext,
  ack: Answer,
  body: ViewSubmitAction,
  respond: RespondFn | undefined,
  once: Once,
): Promise<void> {
  const origin = interactiveOrigin(body);
  const team = await slack.workspaces.resolve(origin);
  const filled = team === undefined ? undefined : readView(slack, body.view, team);
  if (team === undefined || !filled) return ack(undefined);
  const { command, memory, answers } = filled;
  const event = submissionEvent(slack, team, body, respond);
  const closed = closedFileIn(command, answers, textFor(event.locale));
  if (closed) return ack({ response_action: "errors", errors: closed });
  const input = toQuoteInput(answers, memory);
  const known = input && withMember(event, await slack.members.quickly(team, event.user));
  const errors = known && (await problemsIn(slack, command, input, known));
  if (errors) return ack({ response_action: "errors", errors });
  await once({
    ack: () => ack(undefined),
    origin,
    event: () => event,
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
