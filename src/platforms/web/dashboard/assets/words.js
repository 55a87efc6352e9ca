import { fill } from "../../assets/dom.js";
import { useWords } from "../../assets/request.js";
import { read } from "./api.js";

const me = await read("me");
useWords(me.words.request);

/** Every word of the page, in the reader's language. */
export const words = me.words;
/** The server can check its ledger. */
export const canAudit = me.audit;

const numbers = new Intl.NumberFormat(me.language);
const times = new Intl.DateTimeFormat(me.language, { dateStyle: "short", timeStyle: "medium" });

export const number = (value) => numbers.format(value);
export const credits = (value) => (value === undefined ? "" : fill(words.credits, { amount: number(value) }));
export const time = (at) => (at === undefined ? "" : times.format(at));

/** Seconds, of milliseconds. */
export function seconds(ms) {
  if (ms === undefined) return "";
  return fill(words.seconds, { seconds: numbers.format(Math.round(ms / 100) / 10) });
}

/** A part of a whole, in percent. */
export function percent(part, whole) {
  return whole === 0 ? "" : fill(words.percent, { percent: numbers.format(Math.round((1000 * part) / whole) / 10) });
}

/** A word of a list by its name; what is new to this page is shown as it is. */
export const named = (list, name) => (Object.hasOwn(list, name) ? list[name] : name);
