import { el, fill } from "../../assets/dom.js";
import { read } from "./api.js";
import { show } from "./dialog.js";
import { trouble } from "./live.js";
import { table } from "./table.js";
import { credits, named, number, time, words } from "./words.js";

const underWay = ["queued", "running", "delivering"];

/** Every phase of a job: its calls, its post, and where its credits went. */
export async function inspectJob(id) {
  const job = await read(`jobs/${encodeURIComponent(id)}`).catch(trouble);
  if (!job) return;
  const w = words.jobs;
  show(
    fill(w.title, { job: id }),
    facts(job),
    el("h3", {}, w.attempts),
    table(w.attempts, attemptColumns, job.attempts),
    el("h3", {}, w.delivery),
    el("p", {}, delivery(job)),
    el("h3", {}, w.transfers),
    table(w.transfers, transferColumns, job.transfers),
  );
}

/** Says what a job cost or may cost its member. */
export function price({ charged, held, state }) {
  if (charged !== undefined) return fill(words.jobs.charged, { amount: credits(charged) });
  return underWay.includes(state) ? fill(words.jobs.held, { amount: credits(held) }) : "";
}

function facts(job) {
  const w = words.jobs;
  const rows = [
    [w.state, named(words.states, job.state)],
    [w.prompt, job.prompt === "" ? w.erased : job.prompt],
    [w.member, `${job.memberName} (${job.member})`],
    [w.tenant, job.tenant],
    [w.service, job.provider],
    [w.price, price(job)],
    [w.asked, time(job.createdAt)],
  ];
  const pairs = rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return el("dl", { className: "facts" }, ...pairs);
}

function delivery({ delivery: post }) {
  if (!post) return words.none;
  const { phase, tries, route = "", confirmedAt } = post;
  return fill(words.jobs.posted, { phase, tries: number(tries), route, at: time(confirmedAt) });
}

const w = words.jobs;

const attemptColumns = [
  { head: w.service, cell: ({ provider }) => provider },
  { head: w.phase, cell: ({ phase }) => phase },
  { head: w.outcome, cell: ({ outcome = "", status }) => (status === undefined ? outcome : `${outcome} (${status})`) },
  { head: w.sent, cell: ({ sentAt }) => time(sentAt) },
  { head: w.ended, cell: ({ endedAt }) => time(endedAt) },
  { head: w.cost, kind: "number", cell: ({ cost }) => credits(cost) },
  { head: w.estimate, kind: "number", cell: ({ estimate }) => credits(estimate) },
  { head: w.reference, cell: ({ reference = "" }) => reference },
  { head: w.message, kind: "long", cell: ({ message = "" }) => message },
];

const transferColumns = [
  { head: words.at, cell: ({ at }) => time(at) },
  { head: w.kind, cell: ({ kind }) => kind },
  { head: w.from, cell: ({ debit }) => debit },
  { head: w.to, cell: ({ credit }) => credit },
  { head: w.amount, kind: "number", cell: ({ amount }) => number(amount) },
];
