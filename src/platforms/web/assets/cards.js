import { el } from "./dom.js";
import { icon } from "./icons.js";

/** A small message of the bot; `press` is called with the button that was pressed. */
export function cardElement(card, press) {
  const rows = (card.rows ?? []).flatMap(({ label, value }) => [el("dt", {}, label), el("dd", {}, value)]);
  return el(
    "div",
    { className: "card", dataset: { tone: card.tone } },
    el("p", { className: "card-title" }, card.title),
    ...card.paragraphs.map((paragraph) => el("p", {}, paragraph)),
    rows.length > 0 ? el("dl", {}, ...rows) : undefined,
    card.link && linkElement(card.link),
    buttonRow(card.buttons ?? [], press),
  );
}

function linkElement({ label, url }) {
  return el(
    "div",
    { className: "buttons" },
    el("a", { className: "action primary", href: url, rel: "noreferrer" }, label),
  );
}

export function buttonRow(buttons, press) {
  if (buttons.length === 0) return undefined;
  return el("div", { className: "buttons" }, ...buttons.map((button) => cardButton(button, press)));
}

/** A command with its answers filled in; dead while it is being sent. */
export function cardButton(button, press) {
  const node = el(
    "button",
    { type: "button", className: `action ${button.style}`, title: button.label, dataset: { command: button.command } },
    icon(button.command),
    el("span", {}, button.label),
  );
  node.addEventListener("click", async () => {
    node.disabled = true;
    await press(button);
    node.disabled = false;
  });
  return node;
}
