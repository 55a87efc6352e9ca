import { byId, el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** The beginning of a saved image's name, right before the caret; no part of an e-mail address. */
const nameBegun = /(?:^|[^\p{L}\p{M}\p{N}_<@＠])[@＠]([\p{L}\p{M}\p{N}_-]{0,32})$/u;

/**
 * The list that opens while a message begins with a slash, as in a chat, or at a press: of commands; and behind an @: of
 * saved images.
 */
export class Menu {
  #menu = byId("menu");
  #prompt = byId("prompt");
  #entries = [];
  #active = 0;
  #page;
  #forms;

  /** `words`, `forms`, `choose(form)` for the command that was picked, and `saved()` as savedNames gives them. */
  constructor(page) {
    this.#page = page;
    this.#forms = page.forms.filter(({ entry }) => entry === "typed");
    this.#prompt.addEventListener("input", () => this.#update());
    this.#prompt.addEventListener("blur", () => this.#show([]));
    this.#menu.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the prompt
    byId("list-commands").append(icon("slash"));
    byId("list-commands").addEventListener("click", () => {
      this.#prompt.focus();
      this.#show(this.#commands(this.#forms));
    });
  }

  /** True when the key was meant for the list. */
  takesKey(event) {
    if (this.#entries.length === 0) return false;
    if (event.key === "ArrowDown") this.#move(1);
    else if (event.key === "ArrowUp") this.#move(-1);
    else if (event.key === "Enter" || event.key === "Tab") this.#entries[this.#active].take();
    else if (event.key === "Escape") this.#show([]);
    else return false;
    event.preventDefault();
    return true;
  }

  #update() {
    const [, typed] = /^\/([\w -]*)$/.exec(this.#prompt.value) ?? [];
    if (typed === undefined) return this.#show(this.#namesFor(this.#prompt));
    this.#show(this.#commands(this.#forms.filter(({ title }) => title.startsWith(typed))));
  }

  #commands(forms) {
    return forms.map((form) => ({
      id: `command-${form.name}`,
      label: `/${form.title}`,
      summary: form.summary,
      group: form.group ?? "",
      take: () => this.#takeCommand(form),
    }));
  }

  /** The names that begin as what stands before the caret; none once it is one of them. */
  #namesFor({ value, selectionStart, selectionEnd }) {
    const [, begun] = (selectionStart === selectionEnd && nameBegun.exec(value.slice(0, selectionStart))) || [];
    if (begun === undefined) return [];
    const { title, names } = this.#page.saved();
    const typed = begun.toLowerCase();
    const fitting = names.filter((name) => name.value.toLowerCase().startsWith(typed));
    if (fitting.some((name) => name.value.toLowerCase() === typed)) return [];
    return fitting.map((name) => ({
      id: `saved-${name.value}`,
      label: name.label,
      summary: "",
      group: title,
      take: () => this.#takeName(name.value, begun.length),
    }));
  }

  #move(by) {
    const { length } = this.#entries;
    this.#show(this.#entries, (this.#active + by + length) % length);
  }

  #takeCommand(form) {
    if (this.#prompt.value.startsWith("/")) {
      this.#prompt.value = "";
      this.#prompt.dispatchEvent(new Event("input"));
    }
    this.#show([]);
    this.#page.choose(form);
  }

  #takeName(name, typed) {
    const { selectionStart } = this.#prompt;
    this.#prompt.setRangeText(`${name} `, selectionStart - typed, selectionStart, "end");
    this.#prompt.dispatchEvent(new Event("input"));
  }

  #show(entries, active = 0) {
    const { length } = entries;
    const isOfCommands = entries[0]?.id.startsWith("command-") ?? true;
    if (length > 0 && length !== this.#entries.length && isOfCommands) {
      byId("announcer").textContent = fill(this.#page.words.found, { count: length });
    }
    this.#entries = entries;
    this.#active = active;
    this.#menu.hidden = length === 0;
    this.#menu.setAttribute("aria-label", isOfCommands ? this.#page.words.commands : entries[0].group);
    this.#menu.replaceChildren(...this.#groups(entries, entries[active]));
    if (length === 0) return this.#prompt.removeAttribute("aria-activedescendant");
    this.#prompt.setAttribute("aria-activedescendant", entries[active].id);
    byId(entries[active].id).scrollIntoView({ block: "nearest" });
  }

  /** Entries of one group stand together, under its name. */
  #groups(entries, chosen) {
    const grouped = Map.groupBy(entries, ({ group }) => group);
    return [...grouped].flatMap(([group, members]) => {
      const options = members.map((entry) => optionElement(entry, entry === chosen));
      if (group === "") return options;
      const heading = el("p", { role: "presentation" }, group);
      return [el("div", { role: "group", "aria-label": group }, heading, ...options)];
    });
  }
}

function optionElement({ id, label, summary, take }, selected) {
  const option = { id, role: "option", "aria-selected": String(selected), on: { click: take } };
  return el("div", option, el("b", {}, label), el("span", {}, summary));
}
