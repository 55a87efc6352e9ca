import { clip, el, fill } from "../../assets/dom.js";
import { fileOf } from "./api.js";
import { ask } from "./dialog.js";
import { inspectJob, price } from "./inspect.js";
import { live } from "./live.js";
import { rowButton, table } from "./table.js";
import { named, seconds, time, words } from "./words.js";

const everyMs = 2000;

/** Every job, newest first, as it changes. */
export function showJobs(view) {
  const filter = { state: "", member: "", tenant: "", provider: "" };
  let before;
  const list = el("div", {});
  const pages = el("div", { className: "actions" });
  const file = el("a", { className: "action", download: "" }, words.download);
  const query = () => ({ ...filter, before });
  const turn = (to) => {
    before = to;
    again();
  };
  const form = filterForm(filter, () => {
    file.href = fileOf("jobs", filter);
    turn(undefined);
  });
  file.href = fileOf("jobs");
  view.append(form, list, el("div", { className: "actions" }, pages, file));
  const again = live("jobs", query, everyMs, ({ jobs, more }) => {
    list.replaceChildren(
      table(
        words.sections.jobs,
        columns(() => again()),
        jobs,
      ),
    );
    pages.replaceChildren(...turns(before, more ? jobs.at(-1).id : undefined, turn));
  });
}

function turns(before, older, turn) {
  const button = (text, to) =>
    el("button", { type: "button", className: "action", dataset: { key: text }, on: { click: () => turn(to) } }, text);
  return [
    ...(before === undefined ? [] : [button(words.newest, undefined)]),
    ...(older === undefined ? [] : [button(words.older, older)]),
  ];
}

function filterForm(filter, onChange) {
  const states = Object.entries(words.states).map(([value, text]) => el("option", { value }, text));
  const state = el("select", { name: "state" }, el("option", { value: "" }, words.all), ...states);
  const field = (label, control) => el("label", { className: "field" }, el("span", {}, label), control);
  const text = (name) =>
    field(
      words.jobs[name === "provider" ? "service" : name],
      el("input", { name, maxLength: 200, autocomplete: "off" }),
    );
  const submit = el("button", { type: "submit", className: "action" }, words.apply);
  const form = el(
    "form",
    { className: "filter" },
    field(words.jobs.state, state),
    text("member"),
    text("tenant"),
    text("provider"),
    submit,
  );
  const take = (event) => {
    event.preventDefault();
    Object.assign(filter, Object.fromEntries(new FormData(form)));
    onChange();
  };
  form.addEventListener("submit", take);
  state.addEventListener("change", take);
  return form;
}

function columns(again) {
  const w = words.jobs;
  return [
    { head: w.asked, cell: ({ createdAt }) => time(createdAt) },
    { head: w.state, cell: ({ state }) => el("span", { className: `state ${state}` }, named(words.states, state)) },
    { head: w.prompt, kind: "long", cell: ({ prompt }) => (prompt === "" ? w.erased : clip(prompt, 140)) },
    { head: w.member, cell: ({ member, memberName }) => [memberName, el("small", {}, member)] },
    { head: w.tenant, cell: ({ tenant }) => tenant },
    { head: w.service, cell: ({ provider }) => provider },
    { head: w.price, kind: "number", cell: price },
    { head: w.took, kind: "number", cell: took },
    { head: w.actions, cell: (job) => el("div", { className: "actions" }, ...buttons(job, again)) },
  ];
}

function took({ startedAt, finishedAt }) {
  return startedAt === undefined || finishedAt === undefined ? "" : seconds(finishedAt - startedAt);
}

function buttons({ id, state }, again) {
  const w = words.jobs;
  const look = rowButton(w.inspectShort, fill(w.inspect, { job: id }), `look-${id}`, () => inspectJob(id));
  if (state !== "awaiting" && state !== "queued" && state !== "running") return [look];
  const title = fill(w.stop, { job: id });
  const press = async () => {
    const asked = {
      title,
      hint: w.stopAsk,
      yes: w.stopShort,
      action: "cancel",
      body: () => ({ job: id }),
      danger: true,
    };
    if (await ask(asked)) again();
  };
  return [look, ...answers(id, state, again), rowButton(w.stopShort, title, `stop-${id}`, press, "danger")];
}

/** For a job that waits for somebody's approval. */
function answers(id, state, again) {
  if (state !== "awaiting") return [];
  const { approve, approveShort, refuse, refuseShort } = words.jobs;
  const answer = (action, label, yes) => {
    const title = fill(label, { job: id });
    const asked = { title, yes, action, body: () => ({ job: id }) };
    return rowButton(yes, title, `${action}-${id}`, async () => {
      if (await ask(asked)) again();
    });
  };
  return [answer("approve", approve, approveShort), answer("refuse", refuse, refuseShort)];
}
