import { fill } from "./dom.js";
import { askPassword } from "./password-dialog.js";

/** The server said no, or could not be asked; `card` says it in words when the bot itself has answered. */
export class Failed extends Error {
  /** @param {{ status: number, card?: Card, problem?: string, megabytes?: number }} facts */
  constructor({ status, card, problem, megabytes = 0 }) {
    super(`status ${status}`);
    this.status = status;
    this.card = card;
    this.problem = problem;
    this.megabytes = megabytes;
  }

  /** One sentence for people, also where something between the page and the bot has answered. */
  get sentence() {
    if (this.card) return this.card.paragraphs.join(" ");
    if (this.status === 0) return words.offline;
    if (this.status === 413) return fill(words.tooLarge, { megabytes: this.megabytes });
    if ([502, 503, 504].includes(this.status)) return fill(words.noAnswer, { status: this.status });
    return fill(words.otherAnswer, { status: this.status });
  }
}

/** @typedef {{ paragraphs: string[], title: string, tone?: string, buttons?: object[] }} Card */

/** Belongs to this session: other sites cannot send it. */
const csrf = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf"]'))?.content ?? "";

/** One answer without a session is enough: a second redirect to the login page would break off the first. */
let leaving = false;

/** @type {Record<string, string>} */
let words = {};

/** Gives the words for what goes wrong on the way, in the reader's language. */
export function useWords(given) {
  words = given;
}

/** Makes a function that asks the server below `root`; whoever has no session is led to `login`. */
export function createRequests({ root, login }) {
  return async (path, options = {}) => {
    try {
      return await send(`${root}${path}`, options, login);
    } catch (error) {
      if (!(error instanceof Failed) || error.problem !== "signInAgain") throw error;
      if (!(await askPassword(words, proveAgain))) throw error;
      return send(`${root}${path}`, options, login); // under the same key: it was refused before anything was done
    }
  };
}

/** Gives the password once more in this session. Throws Failed. */
function proveAgain(password) {
  const headers = { "Content-Type": "application/json" };
  return send("/login/again", { method: "POST", headers, body: JSON.stringify({ password }) }, "/login");
}

async function send(address, options, login) {
  const headers = { ...options.headers, "X-CSRF-Token": csrf };
  const response = await fetch(address, { ...options, headers }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Failed({ status: 0 });
  });
  const body = await response.json().catch(() => undefined); // a proxy answers in HTML
  if (body?.problem === "signIn" && !leaving) {
    leaving = true;
    location.assign(login);
  }
  if (response.ok && body !== undefined) return body;
  const { status } = response;
  throw new Failed({ status, card: body?.card, problem: body?.problem, megabytes: megabytesOf(options.body) });
}

/** As an operator would set a limit, in whole megabytes. */
function megabytesOf(body) {
  const values = body instanceof FormData ? [...body.values()] : [];
  const bytes = values.reduce((sum, value) => sum + (value instanceof File ? value.size : value.length), 0);
  return Math.ceil(bytes / 1_000_000);
}

/** `crypto.randomUUID` is missing on plain-http addresses other than this machine's own. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
