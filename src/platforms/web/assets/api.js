/** The server said no, or could not be asked; `card` says it in words, when there are any. */
export class Failed extends Error {
  constructor(status, card) {
    super(`status ${status}`);
    this.status = status;
    this.card = card;
  }
}

async function ask(path, options = {}) {
  const response = await fetch(path, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Failed(0);
  });
  if (response.status === 401) location.assign("/login");
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failed(response.status, body.card);
  return body;
}

export const getMe = () => ask("/api/me");
export const getForms = () => ask("/api/commands");
export const getHistory = () => ask("/api/history");

export function getQuote(draft, signal) {
  const headers = { "Content-Type": "application/json" };
  return ask("/api/quote", { method: "POST", headers, body: JSON.stringify(draft), signal });
}

/** Runs a command once, however often it is sent with the same `key`. */
export function runCommand(name, data, key) {
  return ask(`/api/commands/${name}`, { method: "POST", headers: { "Idempotency-Key": key }, body: data });
}

/** `crypto.randomUUID` is missing on plain-http addresses other than this machine's own. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
