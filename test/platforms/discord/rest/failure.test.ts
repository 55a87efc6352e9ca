import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import { expect, test } from "vitest";
import { discordFailure, errorFacts } from "../../../../src/platforms/discord/rest/failure.ts";

const request = { body: undefined, files: undefined } as never;
const answered = (status: number, code: number, raw: object = {}) =>
  new DiscordAPIError(
    { code, message: "no", ...raw } as never,
    code,
    status,
    "POST",
    "https://x/secret-token",
    request,
  );

test.each([
  ["a closed channel", answered(403, 50013), { kind: "closed", code: 50013 }],
  ["closed direct messages", answered(403, 50007), { kind: "closed" }],
  ["a deleted message", answered(404, 10008), { kind: "closed" }],
  ["a dead interaction token", answered(401, 50027), { kind: "closed", tokenRefused: false }],
  ["a dead bot token", answered(401, 0), { kind: "later", tokenRefused: true, retryAfterMs: 600_000 }],
  ["a file that is too large", answered(413, 40005), { kind: "too-large" }],
  ["a wrong field", answered(400, 50035), { kind: "bug" }],
  ["an address that is banned", answered(403, 40333), { kind: "later" }],
  ["trouble of Discord's own", new HTTPError(503, "", "GET", "https://x", request), { kind: "later", status: 503 }],
  ["a time limit", new DOMException("The operation was aborted due to timeout", "TimeoutError"), { kind: "later" }],
  ["an aborted request", new DOMException("This operation was aborted", "AbortError"), { kind: "later" }],
  ["a lost connection", Object.assign(new Error("x"), { code: "ECONNRESET" }), { kind: "later" }],
  ["a fault of the bot", new TypeError("x is not a function"), { kind: "bug" }],
])("knows what a failure means: %s", (_, error, expected) => {
  expect(discordFailure(error)).toMatchObject(expected);
});

test("says nothing that only a library understands, and nothing secret", () => {
  const aborted = discordFailure(new DOMException("This operation was aborted", "AbortError"));
  expect(aborted.message).toBe("no answer in time");
  expect(JSON.stringify(errorFacts(discordFailure(answered(403, 50013))))).not.toContain("secret-token");
});

test("names each refused field, however deep it lies", () => {
  const errors = { components: { 0: { label: { _errors: [{ code: "A", message: "Too long." }] } } }, _errors: [] };
  expect(discordFailure(answered(400, 50035, { errors })).fields).toEqual([
    { path: ["components", "0", "label"], reason: "Too long." },
  ]);
});

test("asks nobody to wait for more than an hour", () => {
  const limits = { retryAfter: 9_999_999_000, sublimitTimeout: 0 } as RateLimitError;
  expect(discordFailure(Object.assign(Object.create(RateLimitError.prototype), limits)).retryAfterMs).toBe(3_600_000);
});
