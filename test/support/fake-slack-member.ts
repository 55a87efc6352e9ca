import type { SlackLine } from "./fake-slack-socket.ts";
import type { Json, OpenView, SlackMessage, SlackState, Whisper } from "./fake-slack-state.ts";

/** What a member puts into a form, by block: a text, a number, yes, a choice, a channel, or files. */
type Filled = Readonly<Record<string, string | number | boolean | readonly Json[]>>;

/** Somebody in the workspace, with Slack's client in their hands. */
export interface Member {
  readonly id: string;
  /** Gives back how to send the same event once more. */
  slash(command: string, text: string, channel?: string): Promise<() => Promise<unknown>>;
  shortcut(callbackId: string): Promise<void>;
  press(on: SlackMessage | Whisper, label: string): Promise<() => Promise<unknown>>;
  /** What the app answered: nothing, or errors by block. */
  submit(open: OpenView, filled: Filled): Promise<unknown>;
}

export function member(slack: SlackState, line: SlackLine, origin: string, id = "U1", name = "ada"): Member {
  const who: Who = { slack, origin, id, name };
  const sendTwice = async (kind: "slash_commands" | "interactive", payload: Json) => {
    await line.send(kind, payload);
    return () => line.send(kind, payload);
  };
  return {
    id,
    slash: (command, text, channel = "C1") => sendTwice("slash_commands", slashPayload(who, command, text, channel)),
    press: (on, label) => sendTwice("interactive", pressPayload(who, on, label)),
    async shortcut(callback_id) {
      await line.send("interactive", {
        ...sharedPayload(who, "shortcut"),
        callback_id,
        trigger_id: slack.newTrigger(id, "C1"),
        action_ts: slack.nextTs(),
      });
    },
    async submit(open, filled) {
      const ack = await line.send("interactive", submitPayload(who, open, filled));
      checkErrors(slack, ack, open.view.blocks as Json[]);
      return ack;
    },
  };
}

interface Who {
  readonly slack: SlackState;
  readonly origin: string;
  readonly id: string;
  readonly name: string;
}

function slashPayload(who: Who, command: string, text: string, channel: string): Json {
  const { slack, id, name } = who;
  return {
    ...{
      token: "legacy",
      api_app_id: "A1",
      team_id: slack.team,
      team_domain: "atelier",
      is_enterprise_install: "false",
    },
    ...{ channel_id: channel, channel_name: "general", user_id: id, user_name: name, command },
    text: text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
    response_url: responseUrl(who, channel),
    trigger_id: slack.newTrigger(id, channel),
  };
}

function pressPayload(who: Who, on: SlackMessage | Whisper, label: string): Json {
  const seen = "ts" in on ? { message: { type: "message", ts: on.ts, text: on.text } } : {};
  return {
    ...sharedPayload(who, "block_actions"),
    actions: [{ ...findButton(on, label), action_ts: who.slack.nextTs() }],
    container: { type: "message", is_ephemeral: !("ts" in on) },
    channel: { id: on.channel, name: "general" },
    ...seen,
    response_url: responseUrl(who, on.channel),
    trigger_id: who.slack.newTrigger(who.id, on.channel),
  };
}

function submitPayload(who: Who, open: OpenView, filled: Filled): Json {
  const { slack, id } = who;
  const inputs = open.view.blocks as Json[];
  const values = Object.fromEntries(inputs.map((input) => [input.block_id, filledIn(slack, open, input, filled)]));
  const where = findWhere(values);
  return {
    ...sharedPayload(who, "view_submission"),
    trigger_id: slack.newTrigger(id),
    view: { ...open.view, id: open.id, hash: open.hash, team_id: slack.team, state: { values } },
    response_urls: where ? [{ ...where, response_url: responseUrl(who, where.channel_id) }] : [],
  };
}

function sharedPayload({ slack, id, name }: Who, type: string): Json {
  const team = { id: slack.team, domain: "atelier" };
  const user = { id, name, username: name, team_id: slack.team };
  return { type, team, user, token: "legacy", api_app_id: "A1", is_enterprise_install: false, enterprise: null };
}

function responseUrl({ slack, origin, id }: Who, channel: string | undefined): string {
  const key = `r${slack.count()}`;
  slack.responseUrls.set(key, { user: id, channel, uses: 0 });
  return `${origin}/response/${key}`;
}

function findButton({ blocks }: { blocks: readonly Json[] }, label: string): Json {
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? (block.elements as Json[]) : []));
  const button = buttons.find(({ text }) => (text as Json).text === label);
  if (!button) throw new Error(`there is no button ${label}`);
  return { ...button, block_id: "b1" };
}

/** As Slack's client sends it; what the client would not let through is an error of the test. */
function filledIn(slack: SlackState, open: OpenView, input: Json, filled: Filled): Json {
  const element = input.element as Json;
  const given = filled[String(input.block_id)];
  if (given === undefined && !input.optional && element.type !== "conversations_select") {
    throw new Error(`Slack does not send a form without ${input.block_id}`);
  }
  return { [String(element.action_id)]: { type: element.type, ...typedValue(slack, open, element, given) } };
}

function typedValue(slack: SlackState, open: OpenView, element: Json, given: Filled[string] | undefined): Json {
  switch (element.type) {
    case "plain_text_input":
    case "number_input":
      return { value: given === undefined ? null : String(given) };
    case "checkboxes":
      return { selected_options: given ? element.options : [] };
    case "static_select": {
      const option = (element.options as Json[]).find(({ value }) => value === given);
      if (given !== undefined && !option) throw new Error(`there is no choice ${given}`);
      return { selected_option: option ?? null };
    }
    case "file_input":
      return { files: given ?? [] };
    case "conversations_select":
      return { selected_conversation: given ?? (element.default_to_current_conversation ? open.currentChannel : null) };
    default:
      slack.violation(`nobody can fill in a ${element.type}`);
      return {};
  }
}

function findWhere(values: Json): { block_id: string; action_id: string; channel_id: string } | undefined {
  for (const [block_id, actions] of Object.entries(values)) {
    for (const [action_id, value] of Object.entries(actions as Json)) {
      const { selected_conversation } = value as Json;
      if (typeof selected_conversation === "string") return { block_id, action_id, channel_id: selected_conversation };
    }
  }
  return undefined;
}

function checkErrors(slack: SlackState, ack: unknown, inputs: readonly Json[]): void {
  const { response_action, errors = {} } = (ack ?? {}) as { response_action?: string; errors?: Json };
  if (response_action === undefined) return;
  if (response_action !== "errors") slack.violation(`a form is answered with ${response_action}`);
  for (const block of Object.keys(errors)) {
    if (!inputs.some(({ block_id }) => block_id === block))
      slack.violation(`an error is about the unknown block ${block}`);
  }
}
