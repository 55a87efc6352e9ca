import { checkErrors, type Filled, submitPayload, viewOf } from "./form.ts";
import {
  eventPayload,
  findButton,
  messageShortcutPayload,
  pressPayload,
  shortcutPayload,
  slashPayload,
  viewActionPayload,
  type Who,
  type Writing,
  writtenMessage,
} from "./payloads.ts";
import type { Retry, SlackKind, SlackLine } from "./socket.ts";
import type { Json, OpenView, SlackMessage, SlackState, Whisper } from "./state.ts";

/** Sends the same once more, as Slack does when it saw no acknowledgement. */
export type Resend = (retry?: Retry) => Promise<unknown>;

/** Somebody in the workspace, with Slack's client in their hands. */
export interface Member {
  readonly id: string;
  /** `text` as it was typed; `{@U2}`, `{#C1}` and `{%S2}` name a member, a channel, a group. */
  slash(command: string, text: string, channel?: string, more?: Json): Promise<Resend>;
  shortcut(callbackId: string): Promise<void>;
  /** On a message of the app, or on one with files of a member. */
  shortcutOn(callbackId: string, message: SlackMessage | Json): Promise<void>;
  /** `more` changes what Slack sends, as all `more` below. */
  press(on: SlackMessage | Whisper, label: string, more?: Json): Promise<Resend>;
  /** Names the app; what the app is told. */
  mention(words: string, where: Writing, more?: Json): Promise<Resend>;
  /** In the conversation with the app. */
  direct(words: string, more?: Partial<Writing>): Promise<Resend>;
  openHome(): Promise<void>;
  /** Opens the conversation with the app. */
  openMessages(): Promise<void>;
  /** Presses Stop in a thread with the app, as Slack shows it while a session is worked on. */
  stop(thread: string): Promise<Resend>;
  pressHome(label: string): Promise<void>;
  chooseHome(actionId: string, value: string): Promise<void>;
  /** Chooses in an open form, which Slack tells where the form asks for it. */
  choose(open: OpenView, filled: Filled): Promise<void>;
  /** Resolves with the app's answer: nothing, or errors by block. */
  submit(open: OpenView, filled: Filled, more?: Json): Promise<unknown>;
}

export function member(
  slack: SlackState,
  line: SlackLine,
  origin: string,
  { id = "U1", name = "ada", team = slack.team }: { id?: string; name?: string; team?: string } = {},
): Member {
  const who: Who = { slack, origin, team, id, name };
  const send: Send = async (kind, payload) => {
    await line.send(kind, payload);
    return (retry) => line.send(kind, payload, retry);
  };
  return {
    id,
    ...typing(who, send),
    ...pressing(who, send),
    ...filling(who, send, (payload) => line.send("interactive", payload)),
    async openHome() {
      await send("events_api", envelope(who, "app_home_opened", { user: id, channel: `D${id}`, tab: "home" }));
    },
    async openMessages() {
      slack.channels.set(`D${id}`, true);
      await send("events_api", envelope(who, "app_home_opened", { user: id, channel: `D${id}`, tab: "messages" }));
    },
    stop(thread) {
      const stopped = { user: id, channel: `D${id}`, thread_ts: thread, streaming_message_ts: [] };
      return send("events_api", envelope(who, "agent_session_stopped", stopped));
    },
  };
}

type Send = (kind: SlackKind, payload: Json) => Promise<Resend>;

function typing(who: Who, send: Send): Pick<Member, "slash" | "mention" | "direct"> {
  const { slack, id } = who;
  return {
    slash: (command, text, channel = "C1", more = {}) =>
      send("slash_commands", { ...slashPayload(who, command, text, channel), ...more }),
    mention: (words, where, more) => {
      const written = writtenMessage(who, `<@${slack.appUser}> ${words}`, where);
      return send("events_api", { ...envelope(who, "app_mention", written), ...more });
    },
    async direct(words, more = {}) {
      const channel = `D${id}`;
      slack.channels.set(channel, true);
      const message = writtenMessage(who, words, { channel, ...more });
      return send("events_api", envelope(who, "message", { ...message, channel_type: "im" }));
    },
  };
}

function pressing(
  who: Who,
  send: Send,
): Pick<Member, "shortcut" | "shortcutOn" | "press" | "pressHome" | "chooseHome"> {
  const home = () => who.slack.homes.get(who.id);
  const homeAction = async (action: Json) => {
    await send("interactive", viewActionPayload(who, { ...home(), id: `H${who.id}` }, action));
  };
  return {
    shortcut: async (callback) => void (await send("interactive", shortcutPayload(who, callback))),
    shortcutOn: async (callback, on) => void (await send("interactive", messageShortcutPayload(who, callback, on))),
    press: (on, label, more) => send("interactive", { ...pressPayload(who, on, label), ...more }),
    pressHome: (label) => homeAction(findButton((home()?.blocks ?? []) as Json[], label)),
    chooseHome: (action, value) => homeAction(chosen(home(), action, value)),
  };
}

function filling(
  who: Who,
  send: Send,
  answered: (payload: Json) => Promise<unknown>,
): Pick<Member, "choose" | "submit"> {
  return {
    async choose(open, filled) {
      const view = viewOf(who, open, filled, false);
      const inputs = (open.view.blocks as Json[]).filter(({ block_id }) => String(block_id) in filled);
      for (const { block_id, element, dispatch_action } of inputs) {
        if (!dispatch_action) continue;
        await send("interactive", viewActionPayload(who, view, { ...(element as Json), block_id }));
      }
    },
    async submit(open, filled, more) {
      const ack = await answered({ ...submitPayload(who, open, filled), ...more });
      checkErrors(who.slack, ack, open.view.blocks as Json[]);
      return ack;
    },
  };
}

function envelope(who: Who, type: string, event: Json): Json {
  return eventPayload(who, { type, ...event });
}

function chosen(home: Json | undefined, action: string, value: string): Json {
  const accessories = ((home?.blocks ?? []) as Json[]).flatMap(({ accessory }) =>
    accessory ? [accessory as Json] : [],
  );
  const select = accessories.find(({ action_id }) => action_id === action);
  const option = (select?.options as Json[] | undefined)?.find((one) => one.value === value);
  if (!option) throw new Error(`there is no choice ${value} in ${action}`);
  return { ...select, block_id: "home", selected_option: option };
}
