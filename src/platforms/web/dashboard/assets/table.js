import { el } from "../../assets/dom.js";
import { words } from "./words.js";

/**
 * A table that can be scrolled by itself. `columns`: `{ head, cell(row), kind? }`, where a cell is text or an element, and
 * a `kind` of "number" or "long" says how it is set; the first column names the row.
 */
export function table(label, columns, rows) {
  if (rows.length === 0) return el("p", { className: "note" }, words.nothing);
  const heads = columns.map(({ head, kind }) => el("th", { scope: "col", className: kind ?? "" }, head));
  const lines = rows.map((row) => el("tr", {}, ...columns.map((column, index) => cellOf(column, row, index))));
  const inside = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...lines));
  return el("div", { className: "scrolled", tabIndex: 0, role: "region", "aria-label": label }, inside);
}

function cellOf({ cell, kind = "" }, row, index) {
  const content = cell(row);
  const children = (Array.isArray(content) ? content : [content]).filter((child) => child !== undefined);
  const node = el(index === 0 ? "th" : "td", { className: kind }, ...children.map((child) => child));
  if (index === 0) node.scope = "row";
  return node;
}

/** A button in a row; `name` is its whole name for who does not see the row, `key` finds it again when the row is new. */
export function rowButton(text, name, key, press, style = "") {
  const on = { click: press };
  return el(
    "button",
    { type: "button", className: `action small ${style}`, "aria-label": name, dataset: { key }, on },
    text,
  );
}
