import { el, fill } from "../../assets/dom.js";
import { fileOf } from "./api.js";
import { live } from "./live.js";
import { columnPlot, rowPlot } from "./plot.js";
import { table } from "./table.js";
import { number, words } from "./words.js";

/** A year of jobs is much to add up. */
const everyMs = 5 * 60_000;
const periods = [7, 30, 90, 365];
const mostShown = 15;

/** Shows what members paid and what services cost: by day, service, tenant and member; each as a plot and as a table. */
export function showSpending(view) {
  const options = periods.map((days) =>
    el("option", { value: days, selected: days === 30 }, fill(words.spending.lastDays, { days })),
  );
  const period = el("select", {}, ...options);
  const file = el("a", { className: "action", download: "", href: fileOf("usage", { days: 30 }) }, words.download);
  const label = el("label", { className: "field" }, el("span", {}, words.spending.days), period);
  const sections = el("div", {});
  view.append(el("div", { className: "filter" }, label, file), legend(), sections);
  const again = live(
    "usage",
    () => ({ days: period.value }),
    everyMs,
    (report) => {
      sections.replaceChildren(...tables(report));
    },
  );
  period.addEventListener("change", () => {
    file.href = fileOf("usage", { days: period.value });
    again();
  });
}

function legend() {
  const { charged, spent } = words.spending;
  return el(
    "p",
    { className: "legend" },
    el("span", { className: "paid" }, charged),
    el("span", { className: "spent" }, spent),
  );
}

function tables({ now, days, total, byDay, byProvider, byPayer, byTenant, byMember }) {
  const w = words.spending;
  const whole = everyDay(now, days, byDay);
  const sum = { ...total, name: w.total };
  return [
    section(w.byDay, columnPlot(w.byDay, whole), [sum, ...byDay.toReversed()], byDay.length + 1),
    ...[
      [w.byProvider, byProvider],
      ...(byPayer.length > 0 ? [[w.byPayer, byPayer.map((line) => ({ ...line, name: w.payers[line.name] }))]] : []),
      [w.byTenant, byTenant],
      [w.byMember, byMember],
    ].map(([title, lines]) => section(title, rowPlot(title, lines.slice(0, mostShown)), lines, mostShown)),
  ];
}

/** Days on which nothing happened are days, too. */
function everyDay(now, days, byDay) {
  const known = new Map(byDay.map((line) => [line.name, line]));
  const dayMs = 86_400_000;
  const today = Math.floor(now / dayMs);
  const names = Array.from({ length: days }, (_, n) =>
    new Date((today - days + 1 + n) * dayMs).toISOString().slice(0, 10),
  );
  return names.map((name) => known.get(name) ?? { name, charged: 0, spent: 0 });
}

function section(title, plot, lines, most) {
  const shown = lines.slice(0, most);
  const more = fill(words.spending.firstOf, { count: number(shown.length), all: number(lines.length) });
  const note = lines.length > most ? [el("p", { className: "note" }, more)] : [];
  const beside = el(
    "div",
    { className: "beside" },
    ...(lines.length === 0 ? [] : [plot]),
    table(title, columns, shown),
  );
  return el("section", {}, el("h2", {}, title), beside, ...note);
}

const columns = ["name", "jobs", "images", "charged", "spent"].map((name, index) => ({
  head: words.spending[name],
  cell: (line) => (index === 0 ? line.name : number(line[name])),
  kind: index === 0 ? "" : "number",
}));
