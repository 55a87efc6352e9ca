import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { WebSocketServer } from "ws";
import { checkMessage } from "./limits.ts";
import { type Answer, methods, unknownBlock } from "./methods.ts";
import { socketLine } from "./socket.ts";
import { type Json, SlackState, type Trouble } from "./state.ts";

/** Slack on 127.0.0.1: its Web API, its uploads, its response URLs and its Socket Mode. */
export async function fakeSlack() {
  const slack = new SlackState();
  const server = createServer((request, response) => void answer(slack, slack.origin ?? origin(), request, response));
  const sockets = new WebSocketServer({ server, path: "/socket" });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    slack,
    apiUrl: `${origin()}/api/`,
    origin: origin(),
    /** Socket Mode: envelopes go to whoever is connected. */
    line: socketLine(slack, sockets),
    connections: () => sockets.clients.size,
    /** As Slack does every few hours: asks every connection to be made anew, and closes it. */
    refresh() {
      for (const socket of sockets.clients) {
        socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
        socket.close();
      }
    },
    /** Says that it will close every connection, and leaves them open for now. */
    announce(reason: "warning" | "refresh_requested" | "link_disabled") {
      for (const socket of sockets.clients) socket.send(JSON.stringify({ type: "disconnect", reason }));
    },
    /** The connections are gone without a word; with `silently`, they stay, and nobody is behind them. */
    cut({ silently = false } = {}) {
      for (const socket of sockets.clients) silently ? socket.pause() : socket.terminate();
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(slack: SlackState, origin: string, request: IncomingMessage, response: ServerResponse) {
  const [, door = "", name = ""] = /^\/(api|upload|response|files)\/([\w.-]+)$/.exec(request.url ?? "") ?? [];
  const bytes = await buffer(request).catch(() => Buffer.alloc(0));
  if (request.method !== (door === "files" ? "GET" : "POST")) slack.violation(`${request.method} ${request.url}`);
  const held = slack.troubles.get(name)?.[0];
  if (held && "until" in held) {
    slack.troubles.get(name)?.shift();
    slack.held++;
    slack.changed();
    await held.until;
  }
  if (door === "api") callMethod(slack, origin, name, { request, response, bytes });
  else if (door === "upload") takeBytes(slack, name, { request, response, bytes });
  else if (door === "response") takeResponse(slack, name, { request, response, bytes });
  else if (door === "files") giveFile(slack, name, { request, response, bytes });
  else response.writeHead(404).end();
  slack.changed();
}

/** With a good token, and the scope: else the page on which people sign in, with status 200. */
function giveFile(slack: SlackState, name: string, { request, response }: Call): void {
  const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
  const allowed = slack.tokens.has(token) && slack.scopes.has("files:read");
  const bytes = slack.uploads.get(name);
  const moved = slack.movedFiles.get(name);
  if (allowed && moved) response.writeHead(302, { Location: moved }).end();
  else if (allowed && bytes) response.writeHead(200, { "Content-Type": "image/png" }).end(bytes);
  else
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
      .end("<!DOCTYPE html><title>Sign in</title>");
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bytes: Buffer;
}

function callMethod(slack: SlackState, origin: string, name: string, { request, response, bytes }: Call): void {
  const body: Json = Object.fromEntries(new URLSearchParams(bytes.toString()));
  const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
  const team = slack.tokens.get(token) ?? "";
  slack.calls.push({ method: name, body, team });
  const [channel, trouble] = [String(body.channel ?? ""), slack.troubles.get(name)?.shift()];
  const tooFast = slack.pace.refuse(team, name, channel);
  if (trouble && "drop" in trouble && trouble.drop === "before") return void request.socket.destroy();
  const limited = trouble && "rateLimited" in trouble ? trouble.rateLimited : tooFast;
  if (limited !== undefined) {
    if (tooFast === undefined) slack.pace.wait(team, name, channel, limited);
    return void response
      .writeHead(429, { "Retry-After": Math.ceil(limited) })
      .end('{"ok":false,"error":"ratelimited"}');
  }
  const answered = trouble && "error" in trouble ? trouble : run(slack, origin, name, token, body);
  if (trouble && isDropAfter(trouble)) return void request.socket.destroy();
  response.setHeader("Content-Type", "application/json");
  response.setHeader("X-OAuth-Scopes", [...slack.scopes].join(","));
  response.end(JSON.stringify({ ok: !("error" in answered), ...answered }));
}

const isDropAfter = (trouble: Trouble) => "drop" in trouble && trouble.drop === "after";

function run(slack: SlackState, origin: string, name: string, token: string, body: Json): Answer {
  const method = methods[name];
  if (!method) {
    slack.violation(`${name} is not among the methods that this app may use`);
    return { error: "unknown_method" };
  }
  const known =
    method.token === "none" || (method.token === "app" ? token === slack.appToken : slack.tokens.has(token));
  if (!known) return { error: slack.revoked.get(token) ?? "invalid_auth" };
  if (method.scope && !slack.scopes.has(method.scope)) return { error: "missing_scope" };
  return method.run(slack, body, origin, slack.tokens.get(token) ?? "");
}

function takeBytes(slack: SlackState, id: string, { request, response, bytes }: Call): void {
  const file = slack.files.get(id);
  const trouble = slack.troubles.get("upload")?.shift();
  if (trouble) return void request.socket.destroy();
  if (request.headers.authorization) slack.violation("an upload carries a token");
  if (Number(request.headers["content-length"]) !== file?.length)
    slack.violation("an upload has not the length it named");
  if (file) file.bytes = bytes;
  response.writeHead(file ? 200 : 404).end("OK");
}

function takeResponse(slack: SlackState, id: string, { response, bytes }: Call): void {
  const known = slack.responseUrls.get(id);
  if (!known || ++known.uses > 5) return void response.writeHead(404).end('{"ok":false,"error":"expired_url"}');
  const said = JSON.parse(bytes.toString()) as Json;
  if (said.delete_original) {
    known.gone = true;
    return void response.end('{"ok":true}');
  }
  if (said.response_type !== "ephemeral" || said.replace_original !== false)
    slack.violation("a private answer is public");
  checkMessage(said.text, said.blocks as Json[], (sentence) => slack.violation(sentence));
  const refused = unknownBlock(slack, known.team, said.blocks as Json[]);
  if (refused) return void response.writeHead(slack.refusesWith).end(JSON.stringify({ ok: false, ...refused }));
  slack.whispers.push({
    user: known.user,
    channel: known.channel,
    by: "response_url",
    text: String(said.text),
    blocks: said.blocks as Json[],
  });
  response.end('{"ok":true}');
}
