import { el, fill } from "../../assets/dom.js";
import { newKey } from "../../assets/request.js";
import { act, read } from "./api.js";
import { amountOf, labelled, sentenceOf } from "./dialog.js";
import { live, trouble } from "./live.js";
import { defaultsFields, listFields, rulesBody } from "./rules.js";
import { table } from "./table.js";
import { number, words } from "./words.js";

/** Rules and limits of one guild or workspace at a time. They are not live: what is typed must not be taken away. */
export async function showTenants(view) {
  live(
    "me",
    () => ({}),
    60_000,
    () => undefined,
  ); // keeps an eye on the session alone
  const box = el("div", {});
  view.append(box);
  await showTenant(box, "web");
}

async function showTenant(box, tenant, note = "") {
  const chosen = await read("tenant", { tenant }).catch(trouble);
  if (!chosen || !box.isConnected) return;
  const again = (said) => showTenant(box, tenant, said);
  const { spent, limit } = chosen.month;
  const month = { spent: number(spent), limit: limit === undefined ? words.none : number(limit) };
  box.replaceChildren(
    chooser(chosen, (other) => showTenant(box, other)),
    el("p", {}, fill(words.tenants.month, month)),
    el("p", { role: "status", className: "good" }, note),
    rulesForm(chosen, again),
    limitsForm(chosen, again),
    allowanceForm(chosen, again),
  );
}

function chooser({ tenant, tenants }, choose) {
  const w = words.tenants;
  const options = tenants.map((name) => el("option", { value: name, selected: name === tenant }, name));
  const select = el("select", { name: "tenant", on: { change: () => choose(select.value) } }, ...options);
  const other = labelled({ name: "key", label: w.key, required: true, maxLength: 120, pattern: "[\\w:.\\-]+" });
  const form = el(
    "form",
    { className: "filter" },
    el("label", { className: "field" }, el("span", {}, w.tenant), select),
  );
  form.append(other, el("button", { type: "submit", className: "action" }, w.show));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(new FormData(form).get("key"));
  });
  return form;
}

function rulesForm(chosen, again) {
  const w = words.tenants;
  const { rules } = chosen;
  const limits = ["memberDaily", "monthly"].map((name) =>
    labelled({ name, label: w[name], type: "number", min: 0, value: rules[name] ?? "" }),
  );
  const switches = ["spoiler", "mature"].map((name) => labelledSwitch(name, rules[name]));
  const usual = el(
    "fieldset",
    {},
    el("legend", {}, w.defaults),
    el("div", { className: "filter" }, ...defaultsFields(rules)),
    labelledSwitch("drafts", rules.defaults.drafts ?? false),
  );
  const content = [el("p", { className: "note" }, w.lists), ...listFields(rules), ...limits, ...switches, usual];
  return actionForm(
    w.rules,
    content,
    "rules",
    (form) => ({ tenant: chosen.tenant, change: rulesBody(form, rules) }),
    again,
  );
}

function labelledSwitch(name, checked) {
  const box = el("input", { type: "checkbox", name, checked });
  return el("label", { className: "switch" }, box, el("span", {}, words.tenants[name]));
}

function limitsForm({ tenant, hardLimit }, again) {
  const w = words.tenants;
  const field = labelled({ name: "monthly", label: w.hardLimit, type: "number", min: 0, value: hardLimit ?? "" });
  const body = (form) => ({ tenant, monthly: amountOf(new FormData(form).get("monthly")) });
  return actionForm(w.limits, [field], "budget", body, again);
}

function allowanceForm({ tenant, allowances }, again) {
  const w = words.tenants;
  const columns = [
    { head: fill(w.role, { tenant }), cell: ({ role }) => role },
    { head: words.credits.replace("{amount}", ""), kind: "number", cell: ({ daily }) => number(daily) },
  ];
  const role = labelled({ name: "role", label: fill(w.role, { tenant }), required: true, maxLength: 200 });
  const daily = labelled({ name: "daily", label: w.daily, type: "number", min: 0 });
  const body = (form) => {
    const given = new FormData(form);
    return { tenant, role: given.get("role"), daily: amountOf(given.get("daily")) };
  };
  return actionForm(w.allowances, [table(w.allowances, columns, allowances), role, daily], "allowance", body, again);
}

/** A section whose form does something; what is refused is said in it, and nothing that was typed is lost. */
function actionForm(title, content, action, body, again) {
  let key = newKey();
  const complaint = el("p", { role: "alert", className: "bad" });
  const save = el("button", { type: "submit", className: "action primary" }, words.save);
  const form = el("form", { className: "stack" }, ...content, complaint, el("div", { className: "actions" }, save));
  form.addEventListener("input", () => {
    key = newKey(); // another form, another action
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await act(action, body(form), key);
      await again(words.saved);
    } catch (error) {
      complaint.textContent = sentenceOf(error);
    }
    save.disabled = false;
  });
  return el("section", {}, el("h2", {}, title), form);
}
