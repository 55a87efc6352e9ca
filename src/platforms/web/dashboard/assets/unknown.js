import { el, fill } from "../../assets/dom.js";
import { ask } from "./dialog.js";
import { inspectJob } from "./inspect.js";
import { live } from "./live.js";
import { rowButton, table } from "./table.js";
import { credits, time, words } from "./words.js";

const everyMs = 5000;

/** Calls that may have been charged, to be settled one by one. */
export function showUnknown(view) {
  const list = el("div", {});
  view.append(el("p", { className: "note" }, words.unknown.hint), list);
  const again = live(
    "unknown",
    () => ({}),
    everyMs,
    (calls) => {
      list.replaceChildren(
        table(
          words.sections.unknown,
          columns(() => again()),
          calls,
        ),
      );
    },
  );
}

function columns(again) {
  const w = words.unknown;
  return [
    { head: w.sent, cell: ({ sentAt }) => time(sentAt) },
    { head: w.service, cell: ({ provider }) => provider },
    {
      head: w.job,
      cell: ({ job }) => rowButton(job, fill(words.jobs.inspect, { job }), `job-${job}`, () => inspectJob(job)),
    },
    { head: w.estimate, kind: "number", cell: ({ estimate }) => credits(estimate) },
    { head: w.reference, cell: ({ reference = "" }) => reference },
    { head: w.message, kind: "long", cell: ({ message = "" }) => message },
    {
      head: w.actions,
      cell: (call) => el("div", { className: "actions" }, button(call, true, again), button(call, false, again)),
    },
  ];
}

function button({ attempt }, billed, again) {
  const w = words.unknown;
  const title = fill(billed ? w.billedOf : w.notBilledOf, { attempt });
  const yes = billed ? w.billed : w.notBilled;
  const press = async () => {
    if (await ask({ title, hint: w.ask, yes, action: "settle", body: () => ({ attempt, billed }) })) again();
  };
  return rowButton(yes, title, `${billed}-${attempt}`, press);
}
