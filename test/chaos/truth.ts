import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Database } from "../../src/store/database.ts";
import type { AttemptRow, JobRow } from "../../src/store/tables.ts";
import { callFindings, isOver, moneyFindings, ownFindings, type Rows } from "../support/chaos/findings.ts";
import type { FakeMessage } from "../support/discord/discord.ts";
import type { FakeTokenHub } from "../support/services/tokenhub.ts";
import type { Side } from "./far-sides.ts";
import type { Members } from "./members.ts";
import type { Stage } from "./stage.ts";

/** Lists what the logs of the far sides say against the database; each list is empty when all is well. */
export interface Verdict {
  readonly wrong: Readonly<Record<string, readonly string[]>>;
  /** Figures that are told, not judged. */
  readonly figures: Readonly<Record<string, number>>;
}

type Request = FakeTokenHub["requests"][number];

/** One job with everything that anybody knows of it. */
interface Case {
  readonly job: JobRow;
  readonly calls: readonly AttemptRow[];
  readonly requests: readonly Request[];
  readonly finals: readonly FakeMessage[];
  readonly captured: number;
  readonly images: number;
  readonly route: string | null | undefined;
}

export async function compare(stage: Stage, members: Members, database: Database, rows: Rows): Promise<Verdict> {
  const cases = rows.job.map((job) => caseOf(job, stage, rows));
  const each = (find: (one: Case) => string | undefined) =>
    cases.flatMap((one) => {
      const found = find(one);
      return found === undefined ? [] : [`job ${one.job.id} (${one.job.state}): ${found}`];
    });
  return {
    wrong: {
      overcharged: each(overcharged),
      "received but lost images": [
        ...lostFiles(stage.folder, rows.artifact),
        ...each((one) => lostAnswer(one, stage)),
        ...notShared(stage, rows.artifact),
      ],
      "burned calls": each(burned),
      "calls for a platform that was away": each((one) => calledInVain(one, stage)),
      "shown as under way for ever": each((one) => stillUnderWay(one, stage)),
      "second final messages": each(({ finals }) => (finals.length > 1 ? `${finals.length} messages` : undefined)),
      "dropped jobs": [...each((one) => dropped(one, stage)), ...forgotten(members, stage, rows)],
      "paid calls sent twice": each(sentTwice),
      "calls not written ahead": each((one) => notWrittenAhead(one, stage.engine === "sqlite" ? 0 : serverClockMs)),
      "jobs made twice": madeTwice(members, rows),
      "broken books": [...(await ownFindings(database)), ...moneyFindings(rows), ...callFindings(rows)],
      "processes that ended by themselves": await ownEnds(stage),
      "broken rules of the far sides": [
        ...stage.discord.violations,
        ...stage.service.violations.filter((said) => !said.includes("API key")),
      ],
    },
    figures: figuresOf(cases, stage),
  };
}

function caseOf(job: JobRow, { service, discord }: Stage, rows: Rows): Case {
  const { prompt } = JSON.parse(job.request) as { prompt: string };
  return {
    job,
    calls: rows.attempt.filter((call) => call.job === job.id).toSorted((a, b) => a.n - b.n),
    requests: service.requests.filter(({ fields }) => fields.prompt === prompt),
    finals: discord
      .messages(discord.general)
      .filter(({ attachments }) => attachments.some(({ filename }) => filename.startsWith(job.id))),
    captured: rows.transfer
      .filter((each) => each.job === job.id && each.kind === "capture")
      .reduce((sum, { amount }) => sum + amount, 0),
    route: rows.delivery.find((each) => each.job === job.id)?.route,
    images: rows.artifact.filter((each) => each.job === job.id).length,
  };
}

/** TokenHub's price of an image of 1024 pixels. */
const unit = 125;

function overcharged({ job, finals, captured, images }: Case): string | undefined {
  const seen =
    job.platform === "discord" ? finals.reduce((sum, { attachments }) => sum + attachments.length, 0) : images;
  return captured > unit * seen ? `paid ${captured} for ${seen} images` : undefined;
}

/** Whatever reached the disk belongs to a job that was delivered. */
export function lostFiles(folder: string, artifacts: readonly { readonly file: string }[]): string[] {
  const results = path.join(folder, "spool/results");
  const kept = new Set(artifacts.map(({ file }) => path.basename(file)));
  const there = existsSync(results) ? readdirSync(results).filter((name) => /-\d+$/.test(name)) : [];
  return there.filter((name) => !kept.has(name)).map((name) => `${name} is on disk and nobody got it`);
}

/** An answer that was sent whole, over a line that held, and not to a process that died over it. */
function lostAnswer({ requests, calls, images }: Case, { outages }: Stage): string | undefined {
  const good = requests.filter(({ answer, at }) => isGood(answer) && !isAway(outages, "service", at));
  const diedOver = calls.some(({ message }) => message?.includes("process died"));
  return good.length > 0 && images === 0 && !diedOver ? `${good.length} good answers, no image` : undefined;
}

const isGood = ({ kind }: Request["answer"]) => ["data-uri", "b64", "url", "hang"].includes(kind);

/** So long a call may be under way. */
const callMs = 20_000;

function isAway(outages: Stage["outages"], side: Side, at: number): boolean {
  return outages.some((each) => each.side === side && each.from < at + callMs && (each.to ?? at) >= at);
}

/** The service was paid, nobody got an image for it, and the operator is not told that it may have been. */
function burned({ requests, calls, images }: Case): string | undefined {
  const paid = requests.filter(({ charged }) => charged > 0);
  const reported = calls.some(({ outcome }) => outcome === "unknown" || outcome === "damaged");
  return paid.length > 0 && images === 0 && !reported
    ? `${paid.length} paid calls that nobody is reported of`
    : undefined;
}

/** A process that had not reached the platform yet made calls for it; told only where one process works at a time. */
function calledInVain({ job, requests }: Case, { outages, engine }: Stage): string | undefined {
  if (engine !== "sqlite" || job.platform !== "discord") return undefined;
  const starts = outages.filter(({ side, startedAt }) => side === "discord" && startedAt !== undefined);
  const early = requests.filter(({ at }) =>
    starts.some(({ startedAt = at, to = Number.POSITIVE_INFINITY }) => startedAt < at && at < to),
  );
  return early.length > 0 ? `${early.length} calls before the platform was reached` : undefined;
}

function stillUnderWay({ job }: Case, { discord }: Stage): string | undefined {
  const shown = isOver(job) ? shownOf(job, discord) : "";
  return /Drawing|Waiting|Reserved/.test(shown) ? shown : undefined;
}

/** Images of this disk that the storage does not have. */
function notShared({ storage }: Stage, artifacts: readonly { readonly file: string }[]): string[] {
  const shared = new Set(storage?.objects.keys());
  return storage ? artifacts.flatMap(({ file }) => (shared.has(file) ? [] : `${file} is not in the storage`)) : [];
}

/** Lists what is still to be brought to the storage. */
export function unsentFiles(folder: string): string[] {
  const unsent = path.join(folder, "spool/unsent");
  return existsSync(unsent) ? readdirSync(unsent) : [];
}

function dropped({ job, finals, route }: Case, { discord }: Stage): string | undefined {
  if (!isOver(job)) return "it never ended";
  if (job.platform !== "discord") return undefined;
  if (job.state === "undeliverable") return "nobody was told";
  const reported = job.state !== "failed" || discord.state.messages.some((message) => tells(message, job.id));
  if (!reported) return `nobody was reported of its failure, posted by route ${route}: ${shownOf(job, discord)}`;
  return job.state === "delivered" && finals.length === 0 ? "nobody sees its images" : undefined;
}

function shownOf({ inbound }: JobRow, { state }: Stage["discord"]): string {
  const interaction = state.interactions.get(inbound.slice("discord:".length));
  return JSON.stringify(interaction?.reply?.content ?? "no reply").slice(0, 200);
}

function tells({ components }: FakeMessage, job: string): boolean {
  return JSON.stringify(components).includes(`again:${job}`);
}

/** Whoever was told that a request was taken finds its job. */
function forgotten({ orders, interactions }: Members, { discord }: Stage, { job }: Rows): string[] {
  const known = new Set(job.map(({ id }) => id));
  const promised = orders.flatMap(({ key, jobs }) =>
    [...jobs].filter((id) => !known.has(id)).map((id) => `${key}: job ${id} is gone`),
  );
  const never = orders.filter(({ jobs }) => jobs.size === 0).map(({ key }) => `${key} was never taken`);
  const shown = interactions.flatMap(({ id, reply }) => {
    const [, named] = /"custom_id":"[a-z-]+:([0-9a-z]+)/.exec(JSON.stringify(reply?.components ?? [])) ?? [];
    return named !== undefined && !known.has(named) ? [`interaction ${id}: job ${named} is gone`] : [];
  });
  return [...promised, ...never, ...shown].concat(
    discord.state.messages.length === 0 ? ["nobody was ever answered"] : [],
  );
}

/** Only one call of a job may have been paid; the others were declined or failed in the service's own words. */
function sentTwice({ requests, calls }: Case): string | undefined {
  const binding = requests.filter(({ answer, charged }) => charged > 0 || !["error", "empty"].includes(answer.kind));
  if (binding.length > 1) return `${binding.length} requests that may be paid`;
  const sent = calls.filter(({ sent_at }) => sent_at !== null).length;
  return requests.length > sent ? `${requests.length} requests, ${sent} calls that were written down` : undefined;
}

/** The time of the database's server is known to a process by half the time that a question to it takes. */
const serverClockMs = 2000;

/** The nth request belongs to the nth call that was sent, and that call was written down before. */
function notWrittenAhead({ requests, calls }: Case, tolerance: number): string | undefined {
  const sent = calls.flatMap(({ sent_at }) => sent_at ?? []);
  const sorted = requests.toSorted((a, b) => a.at - b.at);
  const early = sorted.filter(({ at }, n) => (sent[n] ?? Number.POSITIVE_INFINITY) > at + tolerance);
  return early.length > 0 ? `${early.length} requests before their word` : undefined;
}

function madeTwice({ orders }: Members, { job }: Rows): string[] {
  return orders.flatMap(({ key, prompt, jobs }) => {
    const made = job.filter(({ request }) => (JSON.parse(request) as { prompt: string }).prompt === prompt);
    return made.length > 1 || jobs.size > 1 ? [`${key} made ${made.length} jobs`] : [];
  });
}

/** By another cause than a kill, a fail point or the end of the course; who finds no database at its start may end. */
async function ownEnds({ bots }: Stage): Promise<string[]> {
  const ends = await Promise.all(bots.map(async ({ ended, url, errors }) => ({ how: await ended, url, errors })));
  const worked = ends.filter(({ url }) => url !== undefined);
  return worked.flatMap(({ how, errors }) => (how === "SIGKILL" || how === "exit 0" ? [] : [`${how}: ${errors}`]));
}

function figuresOf(cases: readonly Case[], { service, bots, outages }: Stage): Record<string, number> {
  const inState = (state: JobRow["state"]) => cases.filter(({ job }) => job.state === state).length;
  const unknown = cases.flatMap(({ calls }) => calls).filter(({ outcome }) => outcome === "unknown");
  return {
    jobs: cases.length,
    delivered: inState("delivered"),
    failed: inState("failed"),
    processes: bots.length,
    requests: service.requests.length,
    "requests that went wrong": service.requests.filter(({ answer }) => !isGood(answer)).length,
    outages: outages.length,
    "unknown outcomes": unknown.length,
    "credits that services charged": service.charged,
    "credits that members paid": cases.reduce((sum, { captured }) => sum + captured, 0),
  };
}
