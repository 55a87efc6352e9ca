import { expect, test } from "vitest";
import { createBrake } from "../../../../src/platforms/discord/rest/brake.ts";
import { DiscordFailure } from "../../../../src/platforms/discord/rest/failure.ts";
import { testLog, testWorld } from "../../../support/world.ts";

function brakeOf(mayPost: (channel: string) => boolean | undefined = () => undefined) {
  const [world, log] = [testWorld(), testLog()];
  return { world, log, brake: createBrake({ world, log, mayPost }) };
}

const json = new Headers({ "content-type": "application/json" });
const forbidden = (code: number, status = 403) => new DiscordFailure("closed", "no", { status, code });
const post = (channel: string, guild?: string) => ({ channel, guild, act: "post" }) as const;

test("stops everything at a fifth of the invalid requests that Discord bans for, until they are ten minutes old", () => {
  const { world, log, brake } = brakeOf();
  for (let sent = 0; sent < 1999; sent += 1) brake.answered(403, json);
  expect(() => brake.before()).not.toThrow();
  brake.answered(401, json);
  expect(() => brake.before()).toThrow("nothing is sent");
  expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  world.advance(600_001);
  expect(() => brake.before()).not.toThrow();
});

test("counts no answer that Discord does not count", () => {
  const { brake } = brakeOf();
  const shared = new Headers({ "content-type": "application/json", "x-ratelimit-scope": "shared" });
  for (let sent = 0; sent < 3000; sent += 1) {
    brake.answered(404, json);
    brake.answered(400, json);
    brake.answered(429, shared);
  }
  expect(() => brake.before()).not.toThrow();
});

test("holds a server's requests back after twenty refusals, but not in a channel that took something since", () => {
  const { world, brake } = brakeOf();
  for (let sent = 0; sent < 20; sent += 1) brake.refused(forbidden(50013), post(`c${sent}`, "g"));
  brake.accepted(post("open", "g"));
  expect(() => brake.before(post("new", "g"))).toThrow(expect.objectContaining({ kind: "held" }));
  expect(() => brake.before(post("open", "g"))).not.toThrow();
  expect(() => brake.before(post("new", "another"))).not.toThrow();
  world.advance(600_001);
  expect(() => brake.before(post("new", "g"))).not.toThrow();
});

test.each([
  ["may not write there", 50013, 403, { post: true, edit: false, read: false }],
  ["may not look there", 50001, 403, { post: true, edit: true, read: true }],
  ["finds no such channel", 10003, 404, { post: true, edit: true, read: true }],
  ["may not edit that message", 50005, 403, { post: false, edit: false, read: false }],
])("closes what is refused when the bot %s", (_, code, status, expected) => {
  const { brake } = brakeOf();
  brake.refused(forbidden(code, status), post("c"));
  for (const [act, closed] of Object.entries(expected)) {
    const attempt = expect(() => brake.before({ channel: "c", act: act as "post" }));
    if (closed) attempt.toThrow(expect.objectContaining({ kind: "closed" }));
    else attempt.not.toThrow();
  }
});

test("posts nothing where Discord's events forbid it, unless an interaction said otherwise since", () => {
  const { brake, world } = brakeOf((channel) => channel !== "closed");
  expect(() => brake.before(post("closed"))).toThrow(expect.objectContaining({ kind: "closed" }));
  expect(() => brake.before({ channel: "closed", act: "edit" })).not.toThrow();
  brake.reopen("closed");
  expect(() => brake.before(post("closed"))).not.toThrow();
  world.advance(300_001);
  expect(() => brake.before(post("closed"))).toThrow();
});

test("tries a refused token again after ever longer pauses", () => {
  const { brake, world } = brakeOf();
  const refused = new DiscordFailure("later", "no", { status: 401, tokenRefused: true });
  for (const ms of [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
    brake.refused(refused);
    brake.refused(refused); // was on its way as well
    world.advance(ms - 1);
    expect(() => brake.before()).toThrow();
    world.advance(1);
    expect(() => brake.before()).not.toThrow();
  }
  brake.accepted();
  brake.refused(refused);
  world.advance(30_000);
  expect(() => brake.before()).not.toThrow();
});

test("bounds the pause that somebody in between asks for", () => {
  const { brake, world } = brakeOf();
  brake.answered(429, new Headers({ "content-type": "text/html", "retry-after": "9999999" }));
  world.advance(3_600_001);
  expect(() => brake.before()).not.toThrow();
});
