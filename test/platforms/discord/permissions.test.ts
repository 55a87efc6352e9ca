import type { GatewayDispatchPayload } from "discord.js";
import { expect, test } from "vitest";
import { createPermissions } from "../../../src/platforms/discord/permissions.ts";
import { testWorld } from "../../support/world.ts";
import { finishedJob } from "./finished.ts";
import { openRoom } from "./test-platform.ts";

const [view, send, attach, threads, admin] = [1n << 10n, 1n << 11n, 1n << 15n, 1n << 38n, 1n << 3n];
const all = String(view | send | attach | threads);
const overwrite = (id: string, allow: bigint, deny: bigint) => ({ id, type: 0, allow: `${allow}`, deny: `${deny}` });

interface GuildOptions {
  readonly everyone?: string;
  readonly role?: string;
  readonly overwrites?: readonly object[];
  readonly timeout?: string;
  readonly members?: readonly object[];
}

function bookOf({ everyone = all, role = "0", overwrites = [], timeout, members }: GuildOptions) {
  const world = testWorld();
  const book = createPermissions(world);
  const hear = (t: string, d: object) => book.heard({ t, d } as unknown as GatewayDispatchPayload);
  hear("READY", { user: { id: "bot" } });
  const own = { user: { id: "bot" }, roles: ["role"], communication_disabled_until: timeout ?? null };
  hear("GUILD_CREATE", {
    id: "g",
    roles: [
      { id: "g", permissions: everyone },
      { id: "role", permissions: role },
    ],
    channels: [{ id: "c", type: 0, permission_overwrites: overwrites }],
    threads: [{ id: "t", type: 11, parent_id: "c" }],
    members: members ?? [own],
  });
  return { book, hear, world, may: (channel = "c") => book.mayPost(channel) };
}

test.each<[string, GuildOptions, boolean | undefined]>([
  ["everybody may", {}, true],
  ["nobody may write", { everyone: String(view | attach) }, false],
  ["nobody may attach", { everyone: String(view | send) }, false],
  ["its role may", { everyone: "0", role: all }, true],
  [
    "it is an administrator, whatever the channel says",
    { role: `${admin}`, overwrites: [overwrite("g", 0n, view)] },
    true,
  ],
  ["the channel is closed to everybody", { overwrites: [overwrite("g", 0n, send)] }, false],
  ["the channel is open to its role", { overwrites: [overwrite("g", 0n, send), overwrite("role", send, 0n)] }, true],
  [
    "the channel is closed to the bot",
    { overwrites: [overwrite("role", send, 0n), overwrite("bot", 0n, view)] },
    false,
  ],
  ["the channel is closed to a role of others", { overwrites: [overwrite("other", 0n, send)] }, true],
  ["it is in a timeout", { timeout: "2099-01-01T00:00:00Z" }, false],
  ["its timeout is over", { timeout: "2020-01-01T00:00:00Z" }, true],
  ["it does not know itself", { members: [] }, undefined],
])("knows where it may write: %s", (_, given, expected) => {
  expect(bookOf(given).may()).toBe(expected);
});

test("asks in a thread for the permission of threads, by the channel's overwrites", () => {
  expect(bookOf({ everyone: String(view | send | attach) }).may("t")).toBe(false);
  expect(bookOf({ everyone: String(view | threads | attach) }).may("t")).toBe(true);
  expect(bookOf({ overwrites: [overwrite("g", 0n, threads)] }).may("t")).toBe(false);
});

test("follows every event that changes it", () => {
  const { hear, may } = bookOf({ everyone: "0" });
  expect(may()).toBe(false);
  hear("GUILD_ROLE_UPDATE", { guild_id: "g", role: { id: "role", permissions: all } });
  expect(may()).toBe(true);
  hear("CHANNEL_UPDATE", { id: "c", guild_id: "g", permission_overwrites: [overwrite("role", 0n, send)] });
  expect([may(), may("t")]).toEqual([false, true]);
  hear("GUILD_MEMBER_UPDATE", { guild_id: "g", user: { id: "bot" }, roles: ["new"] });
  hear("GUILD_ROLE_CREATE", { guild_id: "g", role: { id: "new", permissions: all } });
  expect(may()).toBe(true);
  hear("GUILD_MEMBER_UPDATE", { guild_id: "g", user: { id: "somebody" }, roles: [] });
  expect(may()).toBe(true);
  hear("GUILD_ROLE_DELETE", { guild_id: "g", role_id: "new" });
  expect(may()).toBe(false);
  hear("THREAD_LIST_SYNC", { guild_id: "g", threads: [{ id: "t2", parent_id: "c" }] });
  expect(may("t2")).toBe(false);
  hear("CHANNEL_DELETE", { id: "c", guild_id: "g" });
  expect(may()).toBeUndefined();
  hear("GUILD_DELETE", { id: "g", unavailable: true });
  expect(may("t2")).toBeUndefined();
});

test("answers 95 mentions in 95 closed channels without one invalid request", async () => {
  const room = await openRoom();
  const ana = room.discord.user("ana");
  const channels = Array.from({ length: 95 }, () => room.discord.channel(room.discord.general.guild));
  for (const channel of channels) room.discord.allow(channel, { send: false });
  for (const channel of channels) room.discord.say(ana, `${room.discord.mention} a cat`, { channel });
  const direct = room.discord.direct(ana);
  await room.discord.until(() => room.discord.messages(direct).length === 95, "an answer to each in direct messages");
  expect(room.discord.invalidRequests).toBe(0);
  await room.reads(room.discord.command(ana, "credits"), "available");
});

test("posts no image where it has heard that it may not, and finds another way", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  room.discord.allow(room.discord.general, { send: false });
  await room.discord.until(() => room.discord.gateway.connected === 1, "the event");
  const expired = JSON.stringify({ ...JSON.parse(delivery.replyTarget), tokenUntil: 0 });
  await room.reads(room.discord.command(room.discord.user("ben"), "credits"), "available"); // the event came before
  await expect(room.bot.deliver({ ...delivery, replyTarget: expired })).resolves.toMatchObject({ route: "direct" });
  expect(room.discord.requests.filter(({ status }) => status === 403)).toEqual([]);
});
