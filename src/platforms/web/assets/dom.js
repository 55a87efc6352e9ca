/**
 * The elements of the pages that are more than any element.
 * @typedef {{
 *   prompt: HTMLTextAreaElement, send: HTMLButtonElement, "file-input": HTMLInputElement,
 *   dialog: HTMLDialogElement, lightbox: HTMLDialogElement,
 * }} Known
 */

/**
 * The element `#id`.
 * @type {<Id extends string>(id: Id) => Id extends keyof Known ? Known[Id] : HTMLElement}
 */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** Makes an element; strings among the children become text, never markup. Undefined properties and children are left out. */
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (key === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** `Remove {name}` with its name. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Clips a text to `limit` characters. */
export function clip(text, limit) {
  const letters = [...text];
  return letters.length <= limit ? text : `${letters.slice(0, limit - 1).join("")}…`;
}

/** Runs `action` once calls have stopped for `ms`. */
export function debounce(action, ms) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
}
