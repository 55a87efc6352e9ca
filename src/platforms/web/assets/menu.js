import { byId, el } from "./dom.js";

/** The list of commands that opens while a message begins with a slash, as in a chat. */
export class Menu {
  #menu = byId("menu");
  #prompt = byId("prompt");
  #entries = [];
  #active = 0;
  #forms;
  #choose;

  /** `choose(form)` is called with the command that was picked. */
  constructor({ forms, choose }) {
    this.#forms = forms.filter(({ entry }) => entry === "typed");
    this.#choose = choose;
    this.#prompt.addEventListener("input", () => this.#update());
    this.#prompt.addEventListener("blur", () => this.#show([]));
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
    const [, typed] = /^\/([\w-]*)$/.exec(this.#prompt.value) ?? [];
    this.#show(typed === undefined ? [] : this.#forms.filter(({ name }) => name.startsWith(typed)));
  }

  #move(by) {
    const { length } = this.#entries;
    this.#show(this.#entries, (this.#active + by + length) % length);
  }

  #take(form) {
    this.#prompt.value = "";
    this.#prompt.dispatchEvent(new Event("input"));
    this.#choose(form);
  }

  #show(entries, active = 0) {
    this.#entries = entries;
    this.#active = active;
    this.#menu.hidden = entries.length === 0;
    this.#menu.replaceChildren(...entries.map((form, position) => this.#option(form, position === active)));
    if (this.#menu.hidden) this.#prompt.removeAttribute("aria-activedescendant");
    else this.#prompt.setAttribute("aria-activedescendant", `command-${entries[active].name}`);
  }

  #option(form, selected) {
    const mousedown = (event) => {
      event.preventDefault(); // keeps the focus in the prompt
      this.#take(form);
    };
    const option = { id: `command-${form.name}`, role: "option", "aria-selected": String(selected), on: { mousedown } };
    return el("div", option, el("b", {}, `/${form.name}`), el("span", {}, form.summary));
  }
}
