import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { answerParent } from "../children.ts";

/** A Discord that does little, so that it measures the bot and not itself: uploads are counted, not looked at. */
type Question =
  /** Members ask for images, and ask again as soon as they have them, until they are told to stop. */
  | { readonly ask: "keep busy"; readonly members: number; readonly count: number }
  | { readonly ask: "let be" }
  /** That many members type /help within a second; resolves to the milliseconds until each was acknowledged. */
  | { readonly ask: "burst"; readonly interactions: number };

const application = "1100000000000000002";
const guild = "1200000000000000002";
const channel = "1200000000000000001";
let bot: WebSocket | undefined;
let sequence = 0;
let ids = 1_300_000_000_000_000_000n;
const nextId = () => {
  ids += 1n;
  return String(ids);
};

const waiting = new Map<string, { sentAt: number; acknowledged: (ms: number) => void }>();
let busy: { count: number } | undefined;
let posted = 0;

function interact(user: string, name: string, options: readonly object[]): Promise<number> {
  const id = nextId();
  const person = { id: user, username: `member-${user}`, discriminator: "0", global_name: null, avatar: null };
  const member = { user: person, roles: [], joined_at: "2026-01-01T00:00:00Z", deaf: false, mute: false, flags: 0 };
  const d = {
    ...{ id, token: `token-${id}`, application_id: application, type: 2, version: 1, entitlements: [], context: 0 },
    data: { id: "1200000000000000000", name, type: 1, options },
    ...{ guild_id: guild, channel_id: channel, channel: { id: channel, type: 0, guild_id: guild } },
    member: { ...member, permissions: "2147483647" },
    ...{ locale: "en-US", guild_locale: "en-US", app_permissions: "2147483647", attachment_size_limit: 10_485_760 },
    authorizing_integration_owners: { 0: guild },
  };
  return new Promise((resolve) => {
    waiting.set(id, { sentAt: performance.now(), acknowledged: resolve });
    bot?.send(JSON.stringify({ op: 0, t: "INTERACTION_CREATE", s: ++sequence, d }));
  });
}

const imagine = (user: string, count: number) =>
  interact(user, "imagine", [
    { name: "prompt", type: 3, value: "a red bicycle" },
    { name: "size", type: 3, value: "3840x2160" },
    { name: "quality", type: 3, value: "low" },
    { name: "count", type: 4, value: count },
  ]);

/** From then on they spend any sum without being asked. */
const trust = (user: string) => interact(user, "settings", [{ name: "confirm", type: 4, value: 1_000_000 }]);

async function burst(interactions: number): Promise<number[]> {
  const acknowledged: Promise<number>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < interactions; sent += 1) {
    const wait = start + (sent * 1000) / interactions - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    acknowledged.push(interact(String(5_000_000_000_000_000_000n + BigInt(sent)), "help", []));
  }
  return Promise.all(acknowledged);
}

const members: string[] = [];

async function rest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").replace(/^\/api\/v10/, "").replace(/\?.*$/, "");
  const [, interaction] = /^\/interactions\/(\d+)\//.exec(path) ?? [];
  if (interaction) {
    const asked = waiting.get(interaction);
    waiting.delete(interaction);
    asked?.acknowledged(performance.now() - asked.sentAt);
  }
  for await (const _ of request);
  if (interaction) return void response.writeHead(204).end();
  const isResult = request.method === "POST" && path.startsWith("/channels/");
  if (isResult) posted += 1;
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answerTo(path)));
}

function answerTo(path: string): unknown {
  if (path === "/gateway/bot") {
    const session_start_limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };
    return { url: origin.replace("http", "ws"), shards: 1, session_start_limit };
  }
  if (path.endsWith("/commands")) return [];
  if (path === "/applications/@me") return { id: application, name: "Atelier", flags: 0 };
  const author = { id: "1100000000000000001", username: "atelier", discriminator: "0", bot: true };
  if (path === "/users/@me") return author;
  return { id: nextId(), channel_id: channel, author, content: "", components: [], attachments: [], flags: 0 };
}

function welcome(socket: WebSocket): void {
  const send = (packet: object) => socket.send(JSON.stringify(packet));
  send({ op: 10, d: { heartbeat_interval: 41_250 } });
  socket.on("message", (raw) => {
    const { op } = JSON.parse(String(raw)) as { op: number };
    if (op === 1) send({ op: 11 });
    if (op !== 2) return;
    bot = socket;
    const user = { id: "1100000000000000001", username: "atelier", discriminator: "0", bot: true };
    const place = { application: { id: application, flags: 0 }, resume_gateway_url: origin.replace("http", "ws") };
    send({ op: 0, t: "READY", s: ++sequence, d: { v: 10, user, guilds: [], session_id: "bench", ...place } });
  });
}

/** Each member has one job under way, from its command until its images are in the channel. */
async function keepBusy(): Promise<void> {
  await Promise.all(members.map(trust));
  await new Promise((resolve) => setTimeout(resolve, 500)); // acknowledged is not yet kept
  while (busy) {
    const { count } = busy;
    const before = posted;
    await Promise.all(members.map((member) => imagine(member, count)));
    while (busy && posted < before + members.length) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const server = createServer((request, response) => {
  rest(request, response).catch(() => response.destroy());
});
new WebSocketServer({ server }).on("connection", welcome);
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

answerParent(`${origin}/api`, async (question) => {
  const asked = question as Question;
  if (asked.ask === "burst") return { acks: await burst(asked.interactions), posted };
  busy = undefined;
  if (asked.ask === "let be") return undefined;
  busy = { count: asked.count };
  members.length = 0;
  for (let at = 0; at < asked.members; at += 1) members.push(String(4_000_000_000_000_000_000n + BigInt(at)));
  if (members.length > 0) void keepBusy();
  return undefined;
});
