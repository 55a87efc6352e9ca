import { fill } from "../../assets/dom.js";
import { credits, number, words } from "./words.js";

const width = 640;
const height = 300;
const bottom = 22;
const top = 16;
const left = 56;
const rowHeight = 30;
const nameWidth = 190;

/** Two bars for each of `lines`, beside each other over time: what members paid, and what services cost. */
export function columnPlot(title, lines) {
  const most = highest(lines);
  const step = (width - left) / lines.length;
  const bar = Math.max(1, step * 0.38);
  const y = (value) => height - bottom - (value / most) * (height - bottom - top);
  const bars = lines.flatMap(({ charged, spent }, index) =>
    [charged, spent].map((value, side) =>
      svg("rect", {
        class: side === 0 ? "paid" : "spent",
        x: left + index * step + step * 0.1 + side * bar,
        width: bar,
        y: y(value),
        height: height - bottom - y(value),
      }),
    ),
  );
  const marks = [0, most / 2, most].flatMap((value) => [
    svg("line", { x1: left, x2: width, y1: y(value), y2: y(value) }),
    svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, number(Math.round(value))),
  ]);
  return plot(title, height, [...marks, ...bars, ...dates(lines, step)]);
}

/** Two bars for each of `lines`, one under the other. */
export function rowPlot(title, lines) {
  const most = highest(lines);
  const rows = lines.flatMap(({ name, charged, spent }, index) => {
    const y = index * rowHeight + 4;
    const size = (value) => (value / most) * (width - nameWidth - 110);
    const end = nameWidth + Math.max(size(charged), size(spent)) + 8;
    return [
      svg("text", { x: nameWidth - 10, y: y + 15, "text-anchor": "end" }, short(name)),
      svg("rect", { class: "paid", x: nameWidth, y, width: size(charged), height: 10 }),
      svg("rect", { class: "spent", x: nameWidth, y: y + 11, width: size(spent), height: 10 }),
      svg("text", { x: end, y: y + 15 }, credits(Math.max(charged, spent))),
    ];
  });
  return plot(title, Math.max(1, lines.length) * rowHeight, rows);
}

function dates(lines, step) {
  const marked = [...new Set([0, Math.floor((lines.length - 1) / 2), lines.length - 1])];
  return marked.map((index) => {
    const anchor = index === 0 ? "start" : index === lines.length - 1 ? "end" : "middle";
    const x = left + index * step + (anchor === "start" ? 0 : anchor === "end" ? step : step / 2);
    return svg("text", { x, y: height - 4, "text-anchor": anchor }, lines[index].name);
  });
}

function plot(title, tall, children) {
  const label = fill(words.spending.plot, { title });
  return svg("svg", { viewBox: `0 0 ${width} ${tall}`, class: "plot", role: "img", "aria-label": label }, ...children);
}

function highest(lines) {
  return Math.max(1, ...lines.flatMap(({ charged, spent }) => [charged, spent]));
}

/** The end of a key tells more than its beginning. */
function short(name) {
  const letters = [...name];
  return letters.length <= 24 ? name : `…${letters.slice(-23).join("")}`;
}

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}
