import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { WebSocket, WebSocketServer } from "ws";
import type { Json, SlackState } from "./state.ts";

/** Kinds of what Slack sends: members' doings, and what it tells by itself. */
export type SlackKind = "slash_commands" | "interactive" | "events_api";

/** How Slack says that it sends something again. */
export interface Retry {
  readonly num: number;
  readonly reason: string;
}

/** How Slack reaches the app: sends an event and gives back what the app acknowledged it with. */
export interface SlackLine {
  send(kind: SlackKind, payload: Json, retry?: Retry): Promise<unknown>;
}

const ackMs = 3000;

/** Socket Mode: one envelope to one of the connections in turn, acknowledged by its id. */
export function socketLine(slack: SlackState, sockets: WebSocketServer): SlackLine {
  sockets.on("connection", (socket) => {
    socket.on("close", () => slack.changed());
    slack.connections++;
    slack.changed();
    socket.send(JSON.stringify({ type: "hello", num_connections: 1, connection_info: { app_id: slack.appId } }));
  });
  let turn = 0;
  return {
    async send(type, payload, retry) {
      const open = [...sockets.clients].filter((socket) => socket.readyState === socket.OPEN);
      const socket = open[turn++ % Math.max(1, open.length)];
      if (!socket) throw new Error("nobody is connected by Socket Mode");
      const envelope_id = `envelope-${slack.count()}`;
      const acknowledged = acknowledgement(socket, envelope_id);
      const again = retry ? { retry_attempt: retry.num, retry_reason: retry.reason } : {};
      socket.send(JSON.stringify({ type, envelope_id, payload, accepts_response_payload: true, ...again }));
      return inTime(slack, type, acknowledged);
    },
  };
}

async function acknowledgement(socket: WebSocket, envelopeId: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const listen = (data: unknown) => {
      const said = JSON.parse(String(data)) as { envelope_id: string; payload?: Json };
      if (said.envelope_id !== envelopeId) return;
      socket.off("message", listen);
      resolve(said.payload);
    };
    socket.setMaxListeners(0).on("message", listen);
    void once(socket, "close").then(() => reject(new Error("the connection was closed without an acknowledgement")));
  });
}

/** HTTP mode: signed POSTs to the app's address. */
export function httpLine(slack: SlackState, url: string): SlackLine {
  return {
    async send(kind, payload, retry) {
      const answer = await inTime(slack, kind, postSigned(slack, url, bodyOf(kind, payload), { kind, retry }));
      if (answer.status !== 200) slack.violation(`the app answered ${answer.status}`);
      const text = await answer.text();
      return text ? JSON.parse(text) : {};
    },
  };
}

/** Sends each event through the next of these lines, in turn. */
export function inTurn(lines: readonly SlackLine[]): SlackLine {
  let turn = 0;
  return { send: (...sent) => (lines[turn++ % lines.length] as SlackLine).send(...sent) };
}

function bodyOf(kind: SlackKind, payload: Json): string {
  if (kind === "events_api") return JSON.stringify(payload);
  const form = kind === "slash_commands" ? (payload as Record<string, string>) : { payload: JSON.stringify(payload) };
  return new URLSearchParams(form).toString();
}

/** How a request is made; `at` in seconds since 1970. */
interface Signing {
  readonly at?: number;
  readonly kind?: SlackKind;
  readonly retry?: Retry | undefined;
}

export function postSigned(
  { signingSecret }: { signingSecret: string },
  url: string,
  body: string,
  { at = Math.floor(Date.now() / 1000), kind = "slash_commands", retry }: Signing = {},
): Promise<Response> {
  const signature = createHmac("sha256", signingSecret).update(`v0:${at}:${body}`).digest("hex");
  return fetch(url, {
    method: "POST",
    body,
    headers: {
      "Content-Type": kind === "events_api" ? "application/json" : "application/x-www-form-urlencoded",
      "X-Slack-Request-Timestamp": String(at),
      "X-Slack-Signature": `v0=${signature}`,
      ...(retry ? { "X-Slack-Retry-Num": String(retry.num), "X-Slack-Retry-Reason": retry.reason } : {}),
    },
  });
}

async function inTime<Ack>(slack: SlackState, kind: string, acknowledged: Promise<Ack>): Promise<Ack> {
  const late = setTimeout(() => slack.violation(`a ${kind} was not acknowledged in 3 s`), ackMs);
  return acknowledged.finally(() => clearTimeout(late));
}
