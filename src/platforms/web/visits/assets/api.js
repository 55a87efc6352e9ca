import { createRequests } from "../../assets/request.js";

/** Addresses are relative to the page, which is that of one visit; without its session it says why by itself. */
const ask = createRequests({ root: "", login: "" });
const json = { "Content-Type": "application/json" };

export const getMe = () => ask("api/me");

export function getQuote(order, signal) {
  return ask("api/quote", { method: "POST", headers: json, body: JSON.stringify(order), signal });
}

/** Makes one job, however often it is sent with the same `key`. */
export function sendPainting(data, key) {
  return ask("api/paint", { method: "POST", headers: { "Idempotency-Key": key }, body: data });
}

export function answerConfirmation(id, yes, key) {
  const body = JSON.stringify({ yes });
  return ask(`api/confirmations/${id}`, { method: "POST", headers: { ...json, "Idempotency-Key": key }, body });
}

/**
 * A page of the member's images, newest first; `more` is where the next one begins.
 * @param {{ search?: string, before?: string }} query
 */
export function getImages({ search, before }) {
  const query = new URLSearchParams();
  if (search) query.set("search", search);
  if (before) query.set("before", before);
  return ask(`api/images?${query}`);
}

/** Makes a page for painting over one image; `page` is its address. */
export function openPainting(image) {
  return ask("api/paint", { method: "POST", headers: json, body: JSON.stringify(image) });
}

export function removeJob(job) {
  return ask("api/remove", { method: "POST", headers: json, body: JSON.stringify({ job }) });
}

/** A browser has six connections to one host, and the page needs some for itself. */
const mostFollowed = 3;
const followed = [];

/** Follows a job until it is final, or until so many newer ones are followed. */
export function followJob(id, show) {
  const source = new EventSource(`api/jobs/${id}/events`);
  followed.push(source);
  if (followed.length > mostFollowed) followed.shift().close();
  source.addEventListener("job", (event) => {
    const job = JSON.parse(event.data);
    show(job);
    if (job.final) source.close();
  });
}
