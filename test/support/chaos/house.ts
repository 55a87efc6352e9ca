import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { CreditPolicy } from "../../../src/credits/credits.ts";
import type { Database } from "../../../src/store/database.ts";
import { testWorld } from "../world.ts";
import { type ChaosChannel, chaosChannel, type Final } from "./channel.ts";
import { callFindings, isOver, limitFindings, moneyFindings, ownFindings, type Rows, readRows } from "./findings.ts";
import { type ChaosProcess, type Deps, limits, startProcess } from "./process.ts";
import { type Random, randomFrom } from "./random.ts";
import { createScheduler } from "./scheduler.ts";
import { type ChaosService, chaosService, type SeenCall } from "./service.ts";

/** Several simulated processes on one real store, with the truth about it kept outside of them. */
export interface ChaosHouse extends Deps {
  readonly random: Random;
  readonly processes: ChaosProcess[];
  readonly service: ChaosService;
  readonly channel: ChaosChannel;
  /** Starts another process. */
  start(): ChaosProcess;
  /** Everything that is wrong now. */
  findings(): Promise<string[]>;
  /** Drops every process, and closes what they left open. */
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly database: Database;
  /** An empty one. */
  readonly folder: string;
  readonly seed: number;
  readonly policy: CreditPolicy;
  /** Turns that may be under way at the same time. */
  readonly atOnce: number;
}

export function openHouse({ database, folder, seed, policy, atOnce }: HouseOptions): ChaosHouse {
  const random = randomFrom(seed);
  const world = testWorld();
  const scheduler = createScheduler(random, world.now, atOnce);
  const wrong: string[] = [];
  const service = chaosService(
    random,
    world.now,
    async (call) => void wrong.push(...(await unwritten(database, call))),
  );
  const channel = chaosChannel(random, world.now);
  const around: Deps = { database, folder, world, scheduler, service, channel, policy, sinks: new Set() };
  const processes: ChaosProcess[] = [];
  const hashes = new Map<string, string>();
  let before: Rows | undefined;
  return {
    ...around,
    random,
    processes,
    service,
    channel,
    start() {
      const started = startProcess(`process ${processes.length + 1}`, around);
      processes.push(started);
      return started;
    },
    async findings() {
      const rows = await readRows(database);
      const found = [
        ...wrong,
        ...(await ownFindings(database)),
        ...moneyFindings(rows),
        ...callFindings(rows),
        ...limitFindings(rows, limits),
        ...(before ? changeFindings(before, rows) : []),
        ...seenFindings(rows, service.calls),
        ...toldFindings(rows, channel),
        ...approvalFindings(channel),
        ...batchFindings(rows),
        ...imageFindings(rows, folder, hashes),
      ];
      before = rows;
      return found;
    },
    async close() {
      for (const { lane } of processes) if (lane.state !== "dead") lane.crash();
      for (const sink of around.sinks) await sink.discard();
    },
  };
}

/** Invariant 6, from outside: at the moment of the request, the call stands in the store as being sent. */
async function unwritten({ db }: Database, { attempt, at }: SeenCall): Promise<string[]> {
  const row = await db.selectFrom("attempt").select(["phase", "sent_at"]).where("id", "=", attempt).executeTakeFirst();
  const written = row && row.phase !== "intent" && row.sent_at !== null && row.sent_at <= at;
  return written ? [] : [`6: call ${attempt} was sent, but stands as ${row?.phase ?? "nothing"}`];
}

/** The service's own log: no call came twice, and nothing was asked for again that may have been paid. */
function seenFindings({ job, attempt }: Rows, calls: readonly SeenCall[]): string[] {
  const twice = calls.filter((call, index) => calls.findIndex((other) => other.attempt === call.attempt) !== index);
  const found = twice.map((call) => `6: call ${call.attempt} was sent twice`);
  for (const { id, request } of job) {
    const mine = new Set(attempt.filter((each) => each.job === id).map((each) => each.id));
    const asked = calls
      .filter((call) => call.binding && mine.has(call.attempt))
      .reduce((sum, call) => sum + call.asked, 0);
    if (asked > (JSON.parse(request) as { count: number }).count)
      found.push(`6: ${asked} images of job ${id} were paid for`);
  }
  return found;
}

/** The platform's own log: one last word for a job that ended, with the images that were paid for; none for others. */
function toldFindings({ job, delivery }: Rows, { finals }: ChaosChannel): string[] {
  return job.flatMap((each) => {
    const shown = finals.filter((final) => final.job === each.id);
    const route = delivery.find((one) => one.job === each.id && one.phase === "confirmed")?.route;
    const found = shown.length > 1 ? [`${shown.length} final messages`] : [];
    if (route && route !== "none" && shown.length === 0) found.push("confirmed, but nobody saw it");
    return [...found, ...wrongWords(each, shown[0])].map((what) => `8: job ${each.id} (${each.state}): ${what}`);
  });
}

function wrongWords({ state, charged, batch }: Rows["job"][number], final: Final | undefined): string[] {
  if (state === "delivered") {
    const images = final !== undefined && final.images > 0 ? [] : ["delivered without images"];
    return final?.charged === charged ? images : [...images, `says ${final?.charged}, charged ${charged}`];
  }
  if (!final) return [];
  // The message of a batch shows its parts that were taken back, too.
  if (!isOver({ state }) && state !== "delivering") return ["told before its end"];
  if (state === "cancelled" && batch === null) return ["told, and it was taken back"];
  const isEmpty = state === "failed" || state === "cancelled";
  return isEmpty && final.images > 0 ? ["images of a job that has none"] : [];
}

/** Nobody is asked twice. */
function approvalFindings({ approvals }: ChaosChannel): string[] {
  const twice = approvals.filter(({ id }, index) => approvals.findIndex((other) => other.id === id) !== index);
  return twice.map(({ job }) => `21: approvers are asked twice about job ${job}`);
}

/** An order of two jobs makes both or none. */
function batchFindings({ job }: Rows): string[] {
  const batches = Object.entries(Object.groupBy(job, ({ batch }) => batch ?? ""));
  return batches.flatMap(([batch, parts = []]) =>
    batch === "" || parts.length === 2 ? [] : [`22: batch ${batch} has ${parts.length} parts`],
  );
}

function changeFindings(before: Rows, after: Rows): string[] {
  return before.job.flatMap((old) => {
    const now = after.job.find(({ id }) => id === old.id);
    if (!now) return [`11: job ${old.id} is gone`];
    const final = old.state === "delivered" || old.state === "cancelled";
    const reopened = final && now.state !== old.state;
    return [
      ...(now.fence < old.fence ? [`11: the fence of job ${old.id} went back`] : []),
      ...(reopened ? [`11: job ${old.id} went from ${old.state} to ${now.state}`] : []),
      ...(final && now.charged !== old.charged ? [`17: the price of ${old.id} changed`] : []),
    ];
  });
}

/** Invariant 3: what was delivered is on disk as it was delivered. */
function imageFindings({ artifact }: Rows, folder: string, hashes: Map<string, string>): string[] {
  return artifact.flatMap(({ job, idx, file, sha256 }) => {
    const at = path.join(folder, "spool", file);
    if (!existsSync(at)) return [`3: image ${idx} of job ${job} is gone`];
    const hash = hashes.get(at) ?? createHash("sha256").update(readFileSync(at)).digest("hex");
    hashes.set(at, hash);
    return hash === sha256 ? [] : [`3: image ${idx} of job ${job} has changed`];
  });
}
