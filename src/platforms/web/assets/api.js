import { createRequests } from "./request.js";

const ask = createRequests({ root: "", login: "/login" });

export const getMe = () => ask("/api/me");
export const getForms = () => ask("/api/commands");
export const getSettings = () => ask("/api/settings");

/**
 * A page of the member's jobs, newest first, and whether there are more.
 * @param {{ search?: string, before?: string }} query
 * @returns {Promise<{ jobs: import("../job-json.ts").JobJson[], more: boolean }>}
 */
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
 * `agreed`: its price was shown, and with it the options `read` from its words.
 */
export function runCommand(name, data, { key, literal = false, agreed = false, read = [] }) {
  const shown = read.length > 0 ? [`read=${encodeURIComponent(read.join(","))}`] : [];
  const query = [...(literal ? ["literal"] : []), ...(agreed ? ["agreed"] : []), ...shown].join("&");
  return ask(`/api/commands/${name}${query && `?${query}`}`, {
    method: "POST",
    headers: { "Idempotency-Key": key },
    body: data,
  });
}
