import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { answerParent } from "../children.ts";
import { noisePng } from "../noise.ts";

/** A service that takes a second for each call and has room for so many at a time; it watches how well the room is used. */
export interface RoomUse {
  readonly calls: number;
  /** Calls at the same time, at most: of all, and of one member. */
  readonly most: number;
  readonly mostOfMember: number;
  /** The part of the room that was in use from when it was first full until the last call began. */
  readonly busy: number;
}

const callMs = 1000;
const { ROOM = "20" } = process.env;
const room = Number(ROOM);
const image = (await noisePng(64, 64, 1)).toString("base64");
const answer = Buffer.from(`{"created":1,"data":[{"b64_json":"${image}"}],"usage":{"total_tokens":100}}`);

const members = new Map<string, number>();
const use = { calls: 0, now: 0, most: 0, mostOfMember: 0 };
/** Milliseconds times calls, since the room was full for the first time. */
let filled: { since: number; at: number; area: number; untilLastCall: { area: number; ms: number } } | undefined;

function change(by: 1 | -1): void {
  const at = performance.now();
  if (filled) {
    filled.area += use.now * (at - filled.at);
    filled.at = at;
    if (by === 1) filled.untilLastCall = { area: filled.area, ms: at - filled.since };
  }
  use.now += by;
  use.most = Math.max(use.most, use.now);
  if (!filled && use.now >= room) filled = { since: at, at, area: 0, untilLastCall: { area: 0, ms: 0 } };
}

function changeOf(member: string, by: 1 | -1): void {
  const now = (members.get(member) ?? 0) + by;
  members.set(member, now);
  use.mostOfMember = Math.max(use.mostOfMember, now);
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.method !== "POST") return void response.writeHead(404).end(); // a question about the model is no call
  const { user = "" } = JSON.parse(Buffer.concat(chunks).toString() || "{}") as { user?: string };
  use.calls += 1;
  change(1);
  changeOf(user, 1);
  await delay(callMs);
  change(-1);
  changeOf(user, -1);
  response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
answerParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async (): Promise<RoomUse> => {
  const { calls, most, mostOfMember } = use;
  const { area = 0, ms = 0 } = filled?.untilLastCall ?? {};
  return { calls, most, mostOfMember, busy: ms > 0 ? area / (room * ms) : 0 };
});
