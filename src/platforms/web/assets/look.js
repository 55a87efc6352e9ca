import { el } from "./dom.js";

const yearSeconds = 365 * 24 * 60 * 60;

function remember(name, value) {
  const age = value === "" ? 0 : yearSeconds;
  // biome-ignore lint/suspicious/noDocumentCookie: the server reads it before the page is drawn; Firefox has no Cookie Store
  document.cookie = `${name}=${value}; path=/; max-age=${age}; samesite=lax`;
}

/** The switches of language and appearance; both are remembered by this browser. */
export function lookControls(words) {
  const { lang, dataset } = document.documentElement;
  const themes = [
    ["system", words.system],
    ["light", words.light],
    ["dark", words.dark],
  ];
  const languages = [
    ["en", "English"],
    ["zh-CN", "简体中文"],
  ];
  return [
    choice(words.language, languages, lang, (value) => {
      remember("atelier-language", value);
      location.reload();
    }),
    choice(words.appearance, themes, dataset.theme, (value) => {
      remember("atelier-theme", value === "system" ? "" : value);
      dataset.theme = value;
    }),
  ];
}

function choice(label, entries, chosen, onChoose) {
  const options = entries.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
  const select = el("select", { on: { change: () => onChoose(select.value) } }, ...options);
  return el("label", { className: "option" }, el("span", {}, label), select);
}
