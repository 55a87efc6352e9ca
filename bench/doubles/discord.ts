import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { answerParent } from "../children.ts";
import { count, hashesOf, jobIn } from "./files.ts";
import { application, channel, help, imagine, imagineSmall, nextId, settings } from "./interactions.ts";

/** A Discord that does little, so that it measures the bot and not itself: uploads are counted, not looked at. */
export type ControlMessage =
  /** A member asks for images: resolves once all of them are posted. */
  | Asking
  /** Members ask for images, and ask again as soon as they have them, until they are told to stop. */
  | { readonly ask: "keep busy"; readonly members: number; readonly count: number }
  | { readonly ask: "let be" }
  /** That many members type /help within a second; resolves to the milliseconds until each was acknowledged. */
  | { readonly ask: "burst"; readonly interactions: number }
  /** Members of many servers ask for an image each, at an even pace; resolves once nothing more is posted. */
  | Crowding
  /** From then on these members spend any sum without being asked. */
  | { readonly ask: "trust"; readonly members: number };

export interface Asking {
  readonly ask: "images";
  readonly count: number;
  /** The end of the job: so many bytes of forms, or with `look` so many files, which are hashed. */
  readonly bytes: number;
  readonly look?: boolean | undefined;
  /** Meanwhile, other members type /help so often. */
  readonly helpEveryMs?: number | undefined;
  /** The place takes files of at most so many bytes. */
  readonly uploadBytes: number;
}

export interface Crowding {
  readonly ask: "crowd";
  readonly members: number;
  readonly servers: number;
  readonly commands: number;
  readonly seconds: number;
}

export interface CrowdServed {
  readonly acks: readonly number[];
  /** Jobs by how often their image was posted. */
  readonly once: number;
  readonly again: number;
  /** From the first command to the last post. */
  readonly wallMs: number;
}

export interface Posted {
  readonly wallMs: number;
  /** Until the first sign of life, of the job and of each /help. */
  readonly acks: readonly number[];
  readonly hashes: readonly string[];
}

const bots: WebSocket[] = [];
let sequence = 0;
const waiting = new Map<string, { sentAt: number; acknowledged: (ms: number) => void }>();
let busy: { count: number } | undefined;
let posted = 0;
let crowd: Map<string, number> | undefined;
let job: { bytes: number; look: boolean; files: number; hashes: string[]; done: () => void } | undefined;

/** By the connection of its shard. */
function interact(interaction: { readonly id: string }, shard = 0): Promise<number> {
  return new Promise((resolve) => {
    waiting.set(interaction.id, { sentAt: performance.now(), acknowledged: resolve });
    bots[shard % bots.length]?.send(JSON.stringify({ op: 0, t: "INTERACTION_CREATE", s: ++sequence, d: interaction }));
  });
}

const member = (at: number) => String(4_000_000_000_000_000_000n + BigInt(at));
const stranger = (at: number) => String(5_000_000_000_000_000_000n + BigInt(at));

async function trust(members: number): Promise<void> {
  await Promise.all(Array.from({ length: members }, (_, at) => interact(settings(member(at)))));
  await new Promise((resolve) => setTimeout(resolve, 500)); // acknowledged is not yet kept
}

async function images({ count: wanted, bytes, look = false, helpEveryMs, uploadBytes }: Asking): Promise<Posted> {
  const done = Promise.withResolvers<void>();
  const under = { bytes, look, files: wanted, hashes: [] as string[], done: () => done.resolve() };
  job = under;
  const start = performance.now();
  const acks = [interact(imagine(member(0), wanted, uploadBytes))];
  let asked = 0;
  const ask = () => {
    asked += 1;
    acks.push(interact(help(stranger(asked))));
  };
  const asking = helpEveryMs === undefined ? undefined : setInterval(ask, helpEveryMs);
  await done.promise;
  const wallMs = performance.now() - start;
  clearInterval(asking);
  job = undefined;
  return { wallMs, acks: await Promise.all(acks), hashes: under.hashes };
}

async function burst(interactions: number): Promise<number[]> {
  const acknowledged: Promise<number>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < interactions; sent += 1) {
    const wait = start + (sent * 1000) / interactions - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    acknowledged.push(interact(help(stranger(sent))));
  }
  return Promise.all(acknowledged);
}

const patienceMs = 20_000;

async function serveCrowd({ members, servers, commands, seconds }: Crowding): Promise<CrowdServed> {
  const jobs = new Map<string, number>();
  crowd = jobs;
  const acks: Promise<number>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < commands; sent += 1) {
    const wait = start + (sent * seconds * 1000) / commands - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const at = sent % members;
    acks.push(interact(imagineSmall(member(at), at % servers), at % servers));
  }
  let [last, lastAt] = [jobs.size, performance.now()];
  while (jobs.size < commands && performance.now() - lastAt < patienceMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (jobs.size > last) [last, lastAt] = [jobs.size, performance.now()];
  }
  crowd = undefined;
  const times = [...jobs.values()];
  const again = times.filter((count) => count > 1).length;
  return { acks: await Promise.all(acks), once: times.length - again, again, wallMs: lastAt - start };
}

/** Each member has one job under way, from its command until its images are in the channel. */
async function keepBusy(members: number): Promise<void> {
  await trust(members);
  while (busy) {
    const { count: wanted } = busy;
    const before = posted;
    await Promise.all(Array.from({ length: members }, (_, at) => interact(imagine(member(at), wanted))));
    while (busy && posted < before + members) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function rest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").replace(/^\/api\/v10/, "").replace(/\?.*$/, "");
  const [, interaction] = /^\/interactions\/(\d+)\//.exec(path) ?? [];
  if (interaction) {
    const asked = waiting.get(interaction);
    waiting.delete(interaction);
    asked?.acknowledged(performance.now() - asked.sentAt);
  }
  if (request.headers["content-type"]?.startsWith("multipart/")) await takeFiles(request);
  else for await (const _ of request);
  if (interaction) return void response.writeHead(204).end();
  const isResult = request.method === "POST" && path.startsWith("/channels/");
  if (isResult) posted += 1;
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answerTo(path)));
}

async function takeFiles(request: IncomingMessage): Promise<void> {
  if (crowd) {
    const id = await jobIn(request);
    crowd.set(id, (crowd.get(id) ?? 0) + 1);
    return;
  }
  const under = job;
  if (!under?.look) {
    const bytes = await count(request);
    if (under) under.bytes -= bytes;
    if (under && under.bytes <= 0) under.done();
    return;
  }
  under.hashes.push(...(await hashesOf(request)));
  if (under.hashes.length >= under.files) under.done();
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
    bots.push(socket);
    const user = { id: "1100000000000000001", username: "atelier", discriminator: "0", bot: true };
    const place = { application: { id: application, flags: 0 }, resume_gateway_url: origin.replace("http", "ws") };
    send({ op: 0, t: "READY", s: ++sequence, d: { v: 10, user, guilds: [], session_id: "bench", ...place } });
  });
}

const server = createServer((request, response) => {
  rest(request, response).catch(() => response.destroy());
});
new WebSocketServer({ server }).on("connection", welcome);
server.keepAliveTimeout = 600_000; // a connection must not be closed at the moment of its next use
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

answerParent(`${origin}/api`, async (question) => {
  const asked = question as ControlMessage;
  if (asked.ask === "images") return images(asked);
  if (asked.ask === "crowd") return serveCrowd(asked);
  if (asked.ask === "burst") return { acks: await burst(asked.interactions), posted };
  if (asked.ask === "trust") return trust(asked.members);
  busy = undefined;
  if (asked.ask === "let be") return undefined;
  busy = { count: asked.count };
  if (asked.members > 0) void keepBusy(asked.members);
  return undefined;
});
