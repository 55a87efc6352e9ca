import { byId, el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** The list of commands that opens while a message begins with a slash, as in a chat, or at a press. */
export class Menu {
  #menu = byId("menu");
  #prompt = byId("prompt");
  #entries = [];
  #active = 0;
  #page;
  #forms;

  /** `words`, `forms`, and `choose(form)` for the command that was picked. */
  constructor(page) {
    this.#page = page;
    this.#forms = page.forms.filter(({ entry }) => entry === "typed");
    this.#prompt.addEventListener("input", () => this.#update());
    this.#prompt.addEventListener("blur", () => this.#show([]));
    this.#menu.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the prompt
    byId("list-commands").append(icon("slash"));
    byId("list-commands").addEventListener("click", () => {
      this.#prompt.focus();
      this.#show(this.#forms);
    });
  }

  /** True when the key was meant for the list. */
  takesKey(event) {
    if (this.#entries.length === 0) return false;
    if (event.key === "ArrowDown") this.#move(1);
    else if (event.key === "ArrowUp") this.#move(-1);
    else if (event.key === "Enter" || event.key === "Tab") this.#take(this.#entries[this.#active]);
    else if (event.key === "Escape") this.#show([]);
    else return false;
    event.preventDefault();
    return true;
  }

  #update() {
    const [, typed] = /^\/([\w -]*)$/.exec(this.#prompt.value) ?? [];
    this.#show(typed === undefined ? [] : this.#forms.filter(({ title }) => title.startsWith(typed)));
  }

  #move(by) {
    const { length } = this.#entries;
    this.#show(this.#entries, (this.#active + by + length) % length);
  }

  #take(form) {
    if (this.#prompt.value.startsWith("/")) {
      this.#prompt.value = "";
      this.#prompt.dispatchEvent(new Event("input"));
    }
    this.#show([]);
    this.#page.choose(form);
  }

  #show(entries, active = 0) {
    const { length } = entries;
    if (length > 0 && length !== this.#entries.length) {
      byId("announcer").textContent = fill(this.#page.words.found, { count: length });
    }
    this.#entries = entries;
    this.#active = active;
    this.#menu.hidden = length === 0;
    this.#menu.replaceChildren(...this.#groups(entries, entries[active]));
    if (length === 0) return this.#prompt.removeAttribute("aria-activedescendant");
    this.#prompt.setAttribute("aria-activedescendant", `command-${entries[active].name}`);
    byId(`command-${entries[active].name}`).scrollIntoView({ block: "nearest" });
  }

  /** Commands of one group stand together, under its name. */
  #groups(entries, chosen) {
    const grouped = Map.groupBy(entries, ({ group }) => group ?? "");
    return [...grouped].flatMap(([group, forms]) => {
      const options = forms.map((form) => this.#option(form, form === chosen));
      if (group === "") return options;
      const heading = el("p", { role: "presentation" }, group);
      return [el("div", { role: "group", "aria-label": group }, heading, ...options)];
    });
  }

  #option(form, selected) {
    const on = { click: () => this.#take(form) };
    const option = { id: `command-${form.name}`, role: "option", "aria-selected": String(selected), on };
    return el("div", option, el("b", {}, `/${form.title}`), el("span", {}, form.summary));
  }
}
