import { createRequests } from "../../assets/request.js";

const root = "/api/dashboard";
const ask = createRequests({ root: `${root}/`, login: "/login?to=dashboard" });

/** `background`: the page asks by itself, which does not keep the session open. */
export function read(path, query = {}, { background = false } = {}) {
  return ask(`${path}?${queryOf(query)}`, background ? { headers: { "X-Background": "1" } } : {});
}

/** Does something once, however often it is sent with the same `key`. */
export function act(name, body, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return ask(`actions/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Returns the address of a CSV file. */
export const fileOf = (name, query = {}) => `${root}/${name}.csv?${queryOf(query)}`;

function queryOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given);
}
