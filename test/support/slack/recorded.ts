import type { SlackKind, SlackLine } from "./socket.ts";
import type { Json } from "./state.ts";

/** A payload as Slack's references show it: every field that one of their examples has. */
export interface Recorded {
  readonly kind: SlackKind;
  readonly payload: Json;
}

const recordedEnvelope = {
  is_ext_shared_channel: false,
  context_team_id: "T1",
  context_enterprise_id: null,
  event_context: "4-eyJldCI6Im1lc3NhZ2UifQ",
};

const recordedMessage = {
  type: "message",
  user: "U1",
  client_msg_id: "0e1f3f0c-7f2b-4f0f-a5f0-4c6a5b3f0f00",
  team: "T1",
  user_team: "T1",
  source_team: "T1",
  user_profile: { display_name: "ada", team: "T1", is_restricted: false },
  blocks: [{ type: "rich_text", block_id: "r1", elements: [{ type: "rich_text_section", elements: [] }] }],
  attachments: [{ id: 1, fallback: "no image", from_url: "https://a.example/page" }],
  reactions: [],
  language: { locale: "en", is_reliable: true },
};

const recordedView = {
  app_id: "A1",
  app_installed_team_id: "T1",
  bot_id: "B1",
  previous_view_id: null,
  external_id: "",
  clear_on_close: false,
  notify_on_close: false,
};

const recordedShared = { is_enterprise_install: false, enterprise: null, response_urls: [] };

/** The same payload with whatever else Slack's references have in it. */
export function asRecorded({ kind, payload }: Recorded): Recorded {
  if (kind === "slash_commands") {
    return { kind, payload: { enterprise_id: "", enterprise_name: "", user_team_id: "T1", ...payload } };
  }
  if (kind === "events_api") {
    const event = payload.event as Json;
    const inner = event.message as Json | undefined;
    const more = "ts" in event && !inner ? recordedMessage : {};
    const message = inner ? { message: { ...recordedMessage, ...inner } } : {};
    return { kind, payload: { ...recordedEnvelope, ...payload, event: { ...more, ...event, ...message } } };
  }
  const { view, message } = payload as { view?: Json; message?: Json };
  return {
    kind,
    payload: {
      ...recordedShared,
      ...payload,
      ...(view ? { view: { ...recordedView, ...view } } : {}),
      ...(message ? { message: { ...recordedMessage, ...message } } : {}),
    },
  };
}

/** Passes on what `change` makes of each payload. */
export function changedLine(line: SlackLine, change: (recorded: Recorded) => Recorded): SlackLine {
  return {
    send(kind, payload, retry) {
      const changed = change({ kind, payload });
      return line.send(kind, changed.payload, retry);
    },
  };
}

/** The address of every field, as `event.user`; what stands in blocks, entries and lists is left alone, but for files. */
export function fieldsOf(payload: Json, above = ""): string[] {
  return Object.entries(payload).flatMap(([name, value]) => {
    const path = `${above}${name}`;
    const inside = Array.isArray(value) ? value[0] : value;
    const opaque = /^(view\.)?(blocks|state|title|submit|close)$|attachments|language|event\.blocks|message\.blocks/;
    const open = typeof inside === "object" && inside !== null && !opaque.test(path);
    return open ? [path, ...fieldsOf(inside as Json, `${path}.`)] : [path];
  });
}

/** The payload without the field, or with null there. */
export function without(payload: Json, path: string, instead?: null): Json {
  const [name = "", ...rest] = path.split(".");
  if (!(name in payload)) return payload;
  const { [name]: value, ...others } = payload;
  if (rest.length === 0) return instead === undefined ? others : { ...others, [name]: instead };
  const change = (inside: unknown) => without(inside as Json, rest.join("."), instead);
  return { ...others, [name]: Array.isArray(value) ? value.map(change) : change(value) };
}
