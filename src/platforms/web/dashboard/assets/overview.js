import { el, fill } from "../../assets/dom.js";
import { read } from "./api.js";
import { ask } from "./dialog.js";
import { live, trouble } from "./live.js";
import { table } from "./table.js";
import { canAudit, credits, number, percent, seconds, time, words } from "./words.js";

const everyMs = 4000;
/** The server counts no further. */
const mostCounted = 100;

/** Shows what is going on, the kill switch, the services and the ledger. */
export function showOverview(view) {
  const status = el("dl", { className: "tiles" });
  const pause = el("section", {});
  const services = el("section", {});
  view.append(status, pause, services, ...(canAudit ? [ledger()] : []));
  const again = live(
    "overview",
    () => ({}),
    everyMs,
    (news) => {
      status.replaceChildren(...tiles(news));
      const idle = news.draws ? [] : [el("p", { className: "bad" }, words.status.idle)];
      pause.replaceChildren(el("h2", {}, words.pause.title), ...idle, ...pauseElements(news, () => again()));
      services.replaceChildren(el("h2", {}, words.services.title), ...serviceElements(news));
    },
  );
}

function tiles({ queued, running, delivering, unknown, today }) {
  const count = (value) => (value >= mostCounted ? `${number(value)}+` : number(value));
  const shown = [
    [words.status.queued, count(queued)],
    [words.status.running, count(running)],
    [words.status.delivering, count(delivering)],
    [words.status.unknown, number(unknown), unknown > 0],
    [words.status.paid, credits(today.charged)],
    [words.status.today, credits(today.spent)],
  ];
  return shown.map(([name, value, bad]) =>
    el("div", {}, el("dt", {}, name), el("dd", { className: bad ? "bad" : "" }, value)),
  );
}

function pauseElements({ paused }, again) {
  if (!paused) return [el("p", { className: "note" }, words.pause.hint), pauseButton(again)];
  const { operator, at, reason } = paused;
  const sentence = fill(words.pause.paused, { operator, at: time(at), reason });
  return [el("p", { className: "bad" }, sentence), resumeButton(again)];
}

function pauseButton(again) {
  const { title, hint, reason: label, stop } = words.pause;
  const fields = [{ name: "reason", label, required: true, maxLength: 200 }];
  const press = async () => {
    const asked = { title, hint, fields, yes: stop, action: "pause", body: ({ reason }) => ({ reason }), danger: true };
    if (await ask(asked)) again();
  };
  return button(stop, "pause", press, "danger");
}

function resumeButton(again) {
  const { title, go } = words.pause;
  const press = async () => (await ask({ title, yes: go, action: "resume", body: () => ({}) })) && again();
  return button(go, "pause", press, "primary");
}

function button(text, key, click, style) {
  return el("button", { type: "button", className: `action ${style}`, dataset: { key }, on: { click } }, text);
}

function serviceElements({ providers }) {
  const w = words.services;
  const columns = [
    { head: w.service, cell: ({ label }) => label },
    { head: w.state, cell: serviceState },
    { head: w.balance, kind: "number", cell: balance },
    {
      head: w.running,
      kind: "number",
      cell: ({ running, concurrency }) => `${number(running)} / ${number(concurrency)}`,
    },
    { head: w.calls, kind: "number", cell: ({ calls }) => number(calls) },
    { head: w.failures, kind: "number", cell: ({ failures, calls }) => withPart(failures, calls) },
    { head: w.unknown, kind: "number", cell: ({ unknown, calls }) => withPart(unknown, calls) },
    { head: w.median, kind: "number", cell: ({ medianMs }) => seconds(medianMs) },
  ];
  return [el("p", { className: "note" }, w.hint), table(w.title, columns, providers)];
}

function serviceState({ state, ends }) {
  const w = words.services;
  const now = el("span", { className: state === "working" ? "good" : "bad" }, w[state]);
  if (!ends) return now;
  return el("span", {}, now, " · ", el("span", { className: "bad" }, fill(ends.hasEnded ? w.hasEnded : w.ends, ends)));
}

function balance({ balance: left }) {
  if (!left) return "";
  const text = `${number(left.amount)} ${left.unit}`;
  return left.low ? el("span", { className: "bad" }, `${text} (${words.services.low})`) : text;
}

function withPart(part, whole) {
  return part === 0 ? number(part) : `${number(part)} (${percent(part, whole)})`;
}

function ledger() {
  const w = words.ledger;
  const result = el("div", { role: "status" });
  const check = el("button", { type: "button", className: "action" }, w.check);
  check.addEventListener("click", async () => {
    check.disabled = true;
    result.replaceChildren(w.checking);
    const answer = await read("audit").catch(trouble);
    result.replaceChildren(...(answer ? findings(answer) : []));
    check.disabled = false;
  });
  return el("section", {}, el("h2", {}, w.title), el("p", { className: "note" }, w.hint), check, result);
}

function findings({ at, findings: found }) {
  const w = words.ledger;
  if (found.length === 0) return [el("p", { className: "good" }, fill(w.good, { at: time(at) }))];
  const columns = ["sentence", "subject", "detail"].map((name) => ({
    head: w[name],
    cell: (row) => row[name],
    kind: "long",
  }));
  return [
    el("p", { className: "bad" }, fill(w.bad, { at: time(at), count: number(found.length) })),
    table(w.title, columns, found),
  ];
}
