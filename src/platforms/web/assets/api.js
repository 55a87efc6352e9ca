/** The server said no, or could not be asked; `card` says it in words, when there are any. */
export class Failed extends Error {
  constructor(status, card) {
    super(`status ${status}`);
    this.status = status;
    this.card = card;
  }
}

/** Of this session: other sites cannot send it. */
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** One answer without a session is enough: a second journey to the login page would break off the first. */
let leaving = false;

async function ask(path, options = {}) {
  const headers = { ...options.headers, "X-CSRF-Token": csrf };
  const response = await fetch(path, { ...options, headers }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Failed(0);
  });
  if (response.status === 401 && !leaving) {
    leaving = true;
    location.assign("/login");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failed(response.status, body.card);
  return body;
}

export const getMe = () => ask("/api/me");
export const getForms = () => ask("/api/commands");
export const getSettings = () => ask("/api/settings");

/** A page of the member's jobs, newest first, and whether there are more. */
export function getHistory({ search, before } = {}) {
  const query = new URLSearchParams();
  if (search) query.set("search", search);
  if (before) query.set("before", before);
  return ask(`/api/history?${query}`);
}

export function getQuote(draft, signal) {
  const headers = { "Content-Type": "application/json" };
  return ask("/api/quote", { method: "POST", headers, body: JSON.stringify(draft), signal });
}

/**
 * Runs a command once, however often it is sent with the same `key`; `literal`: words in the prompt are no options;
 * `agreed`: its price was shown.
 */
export function runCommand(name, data, { key, literal = false, agreed = false }) {
  const query = [...(literal ? ["literal"] : []), ...(agreed ? ["agreed"] : [])].join("&");
  return ask(`/api/commands/${name}${query && `?${query}`}`, {
    method: "POST",
    headers: { "Idempotency-Key": key },
    body: data,
  });
}

/** `crypto.randomUUID` is missing on plain-http addresses other than this machine's own. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
