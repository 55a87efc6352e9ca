/** The server said no, or could not be asked; `sentence` says it in words, when there are any. */
export class Failed extends Error {
  constructor(status, sentence) {
    super(`status ${status}`);
    this.status = status;
    this.sentence = sentence;
  }
}

const root = "/api/dashboard";
const csrf = document.querySelector('meta[name="csrf"]').content;

/** One answer without a session is enough: a second journey to the login page would break off the first. */
let leaving = false;

async function ask(path, options = {}) {
  const response = await fetch(`${root}/${path}`, options).catch(() => {
    throw new Failed(0);
  });
  if (response.status === 401 && !leaving) {
    leaving = true;
    location.assign("/login?to=dashboard");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failed(response.status, body.card?.paragraphs.join(" "));
  return body;
}

/** `background`: the page asks by itself, which does not keep the session open. */
export function read(path, query = {}, { background = false } = {}) {
  return ask(`${path}?${queryOf(query)}`, background ? { headers: { "X-Background": "1" } } : {});
}

/** Does something once, however often it is sent with the same `key`. */
export function act(name, body, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key, "X-CSRF-Token": csrf };
  return ask(`actions/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Where a CSV file is. */
export const fileOf = (name, query = {}) => `${root}/${name}.csv?${queryOf(query)}`;

function queryOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given);
}

/** `crypto.randomUUID` is missing on plain-http addresses other than this machine's own. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
