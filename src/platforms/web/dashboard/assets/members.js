import { el, fill } from "../../assets/dom.js";
import { amountOf, ask, labelled } from "./dialog.js";
import { live } from "./live.js";
import { rowButton, table } from "./table.js";
import { number, words } from "./words.js";

const everyMs = 10_000;

/** Shows members, who spent most first; whom to give credits, to limit, to block. */
export function showMembers(view) {
  const w = words.members;
  let search = "";
  const form = el(
    "form",
    { className: "filter" },
    labelled({ name: "search", label: w.search, type: "search", maxLength: 200 }),
  );
  form.append(el("button", { type: "submit", className: "action" }, words.apply));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search = String(new FormData(form).get("search"));
    again();
  });
  const list = el("div", {});
  const other = el(
    "button",
    { type: "button", className: "action", on: { click: () => grantOther(() => again()) } },
    w.other,
  );
  view.append(form, list, el("div", { className: "actions" }, other));
  const again = live(
    "members",
    () => ({ search }),
    everyMs,
    (members) => {
      list.replaceChildren(
        table(
          words.sections.members,
          columns(() => again()),
          members,
        ),
      );
    },
  );
}

function columns(again) {
  const w = words.members;
  const amount = (name) => ({ head: w[name], kind: "number", cell: (member) => number(member[name]) });
  return [
    { head: w.member, cell: memberCell },
    ...["available", "held", "charged", "jobs"].map(amount),
    {
      head: w.daily,
      kind: "number",
      cell: ({ memberDaily }) => (memberDaily === undefined ? words.none : number(memberDaily)),
    },
    { head: w.actions, cell: (member) => el("div", { className: "actions" }, ...buttons(member, again)) },
  ];
}

function memberCell({ member, name, blocked }) {
  const mark = blocked ? [el("span", { className: "state failed" }, words.members.blocked)] : [];
  return [name, " ", el("small", {}, member), " ", ...mark];
}

function buttons(member, again) {
  const w = words.members;
  const key = member.member;
  const action = (name, asked, style) => {
    const title = fill(w[name], { member: member.name || key });
    const press = async () => (await ask({ title, ...asked })) && again();
    return rowButton(w[`${name}Short`], title, `${name}-${key}`, press, style);
  };
  const amount = { name: "amount", label: w.amount, type: "number", min: 1, required: true };
  const daily = { name: "daily", label: w.daily, type: "number", min: 0, value: member.memberDaily ?? "" };
  const block = (blocked) => ({ action: "block", body: () => ({ member: key, blocked }), danger: blocked });
  return [
    action("grant", {
      fields: [amount],
      yes: w.give,
      action: "grant",
      body: (given) => ({ member: key, amount: Number(given.amount) }),
    }),
    action("limit", {
      fields: [daily],
      hint: w.limitHint,
      yes: words.save,
      action: "limit",
      body: (given) => ({ member: key, daily: amountOf(given.daily) }),
    }),
    member.blocked
      ? action("unblock", { yes: w.unblockShort, ...block(false) })
      : action("block", { hint: w.blockAsk, yes: w.blockShort, ...block(true) }, "danger"),
  ];
}

async function grantOther(again) {
  const w = words.members;
  const fields = [
    { name: "member", label: w.key, required: true, maxLength: 200 },
    { name: "amount", label: w.amount, type: "number", min: 1, required: true },
  ];
  const body = ({ member, amount }) => ({ member, amount: Number(amount) });
  if (await ask({ title: w.other, fields, yes: w.give, action: "grant", body })) again();
}
