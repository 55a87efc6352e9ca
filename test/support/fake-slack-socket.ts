import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { WebSocket, WebSocketServer } from "ws";
import type { Json, SlackState } from "./fake-slack-state.ts";

/** How Slack reaches the app: sends an event and gives back what the app acknowledged it with. */
export interface SlackLine {
  send(kind: "slash_commands" | "interactive", payload: Json): Promise<unknown>;
}

const ackMs = 3000;

/** Socket Mode: one envelope to one connection, acknowledged by its id. */
export function socketLine(slack: SlackState, sockets: WebSocketServer): SlackLine {
  sockets.on("connection", (socket) => {
    socket.on("close", () => slack.changed());
    socket.send(JSON.stringify({ type: "hello", num_connections: 1, connection_info: { app_id: "A1" } }));
  });
  return {
    async send(kind, payload) {
      const [socket] = sockets.clients;
      if (!socket) throw new Error("nobody is connected by Socket Mode");
      const envelope_id = `envelope-${slack.count()}`;
      const acknowledged = acknowledgement(socket, envelope_id);
      socket.send(JSON.stringify({ type: kind, envelope_id, payload, accepts_response_payload: true }));
      return inTime(slack, kind, acknowledged);
    },
  };
}

async function acknowledgement(socket: WebSocket, envelopeId: string): Promise<unknown> {
  for (;;) {
    const [data] = await once(socket, "message");
    const said = JSON.parse(String(data)) as { envelope_id: string; payload?: Json };
    if (said.envelope_id === envelopeId) return said.payload;
  }
}

/** HTTP mode: signed POSTs to the app's address. */
export function httpLine(slack: SlackState, url: string): SlackLine {
  return {
    async send(kind, payload) {
      const form =
        kind === "slash_commands" ? (payload as Record<string, string>) : { payload: JSON.stringify(payload) };
      const answer = await inTime(slack, kind, postSigned(slack, url, new URLSearchParams(form).toString()));
      if (answer.status !== 200) slack.violation(`the app answered ${answer.status}`);
      const text = await answer.text();
      return text ? JSON.parse(text) : {};
    },
  };
}

/** `at` in seconds since 1970. */
export function postSigned(
  { signingSecret }: { signingSecret: string },
  url: string,
  body: string,
  at = Math.floor(Date.now() / 1000),
): Promise<Response> {
  const signature = createHmac("sha256", signingSecret).update(`v0:${at}:${body}`).digest("hex");
  return fetch(url, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "X-Slack-Request-Timestamp": String(at),
      "X-Slack-Signature": `v0=${signature}`,
    },
  });
}

async function inTime<Ack>(slack: SlackState, kind: string, acknowledged: Promise<Ack>): Promise<Ack> {
  const late = setTimeout(() => slack.violation(`a ${kind} was not acknowledged in 3 s`), ackMs);
  return acknowledged.finally(() => clearTimeout(late));
}
