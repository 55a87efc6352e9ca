import { el } from "../../assets/dom.js";
import { fileOf } from "./api.js";
import { live } from "./live.js";
import { table } from "./table.js";
import { named, time, words } from "./words.js";

const everyMs = 5000;

/** Shows what somebody with rights did, newest first. */
export function showLog(view) {
  const list = el("div", {});
  const file = el("a", { className: "action", download: "", href: fileOf("audit-log") }, words.download);
  view.append(list, el("div", { className: "actions" }, file));
  live(
    "audit-log",
    () => ({}),
    everyMs,
    (entries) => list.replaceChildren(table(words.sections.log, columns, entries)),
  );
}

const w = words.log;

const columns = [
  { head: words.at, cell: ({ at }) => time(at) },
  { head: w.operator, cell: ({ operator }) => operator },
  { head: w.action, cell: ({ name }) => named(words.actions, name) },
  { head: w.subject, cell: ({ subject }) => subject },
  { head: w.tenant, cell: ({ tenant }) => tenant },
  { head: w.facts, kind: "long", cell: ({ facts }) => Object.entries(facts).map(fact).join(", ") },
];

function fact([name, value]) {
  return `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
}
