import { expect, test } from "vitest";
import type { FakeChannel, FakeUser } from "../../support/discord/discord.ts";
import type { Where } from "../../support/discord/member.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

async function callerIn(room: TestPlatform, where: Where, user: FakeUser = room.discord.user("ana")) {
  await room.reads(room.discord.command(user, "imagine", { prompt: "a" }, where), "Waiting");
  return room.usecases.asked.at(-1)?.caller;
}

test("tells the roles of a member, and that they may manage the server", async () => {
  const room = await openRoom();
  const guild = room.discord.general.guild?.id;
  const plain = await callerIn(room, { roles: ["1300000000000000001", "1300000000000000002"] });
  expect(plain?.roles).toEqual([
    `discord:guild:${guild}/role:1300000000000000001`,
    `discord:guild:${guild}/role:1300000000000000002`,
  ]);
  expect(plain?.rights).toBeUndefined();
  expect((await callerIn(room, { admin: true }))?.rights).toBe("admin");
});

test("takes a thread as its channel, and as one for adults where the channel is", async () => {
  const room = await openRoom();
  const { general } = room.discord;
  const thread = room.discord.thread(general);
  expect(await callerIn(room, { channel: thread })).toMatchObject({ channel: general.id, mature: false });
  const adults = room.discord.channel(general.guild);
  adults.nsfw = true;
  expect(await callerIn(room, { channel: adults })).toMatchObject({ channel: adults.id, mature: true });
  const caller = await callerIn(room, { channel: room.discord.thread(adults) });
  expect(caller).toMatchObject({ channel: adults.id, mature: true });
  expect(JSON.parse(caller?.replyTarget ?? "")).toMatchObject({ parent: adults.id });
  expect(room.discord.violations).toEqual([]);
});

test("gives nobody rights where there is no server, or where only the member brought the bot along", async () => {
  const room = await openRoom();
  const ana = room.discord.user("ana");
  const places: [FakeChannel, boolean][] = [
    [room.discord.direct(ana), true],
    [room.discord.channel(), false],
  ];
  for (const [channel, resident] of places) {
    const caller = await callerIn(room, { channel, admin: true }, ana);
    expect(caller).toMatchObject({ tenant: `discord:dm:${ana.id}`, roles: [], channel: channel.id });
    expect(caller?.rights).toBeUndefined();
    expect(JSON.parse(caller?.replyTarget ?? "").resident).toBe(resident);
  }
});

test("does not count on a channel in which Discord says that it may not write", async () => {
  const room = await openRoom();
  room.discord.general.may.send = false;
  expect(JSON.parse((await callerIn(room, {}))?.replyTarget ?? "").resident).toBe(false);
});

test("knows what a boosted server takes, and elsewhere what the interaction promises", async () => {
  const room = await openRoom();
  const { discord } = room;
  const boosted = discord.channel(discord.guild(true, { premiumTier: 3 }));
  expect(JSON.parse((await callerIn(room, { channel: boosted }))?.replyTarget ?? "").uploadBytes).toBe(
    100 * 1024 * 1024,
  );
  discord.state.promisedLimit = 20_000_000;
  expect(JSON.parse((await callerIn(room, {}))?.replyTarget ?? "").uploadBytes).toBe(20_000_000);
});

test("tells the use cases that a server removed the bot, and not that Discord had an outage", async () => {
  const room = await openRoom();
  const gone = room.discord.guild();
  room.discord.gateway.leave(room.discord.general.guild as never, true);
  room.discord.gateway.leave(gone);
  await callerIn(room, {});
  expect(room.usecases.records.gone).toEqual([`discord:guild:${gone.id}`]);
});

test("runs a command of a group with its members, roles and channels as the use cases name them", async () => {
  const room = await openRoom();
  const { discord } = room;
  const guild = discord.general.guild?.id;
  const [role, channel] = ["1300000000000000003", "1300000000000000004"];
  const values = { "allow-role": { picked: role }, "allow-channel": { picked: channel } };
  await room.reads(discord.command(discord.user("ana"), "admin rules", values, { admin: true }), "rules");
  expect(await room.usecases.admin.rules(undefined as never)).toMatchObject({
    roles: [`discord:guild:${guild}/role:${role}`],
    channels: [channel],
  });
});

test("takes the usual options of a server by /admin rules", async () => {
  const room = await openRoom();
  const values = { background: "transparent", compression: 80, fidelity: "high" };
  const asked = room.discord.command(room.discord.user("ana"), "admin rules", values, { admin: true });
  expect(await room.reads(asked, "rules")).toContain("background transparent, compression 80, fidelity high");
  expect((await room.usecases.admin.rules(undefined as never)).defaults).toEqual(values);
  expect(room.discord.violations).toEqual([]);
});

test("shows members, roles and channels of a card as mentions that ping nobody", async () => {
  const room = await openRoom();
  const { discord } = room;
  const channel = { picked: "1300000000000000004" };
  const asked = discord.command(discord.user("ana"), "admin rules", { "allow-channel": channel }, { admin: true });
  expect(await room.reads(asked, "rules")).toContain("Channels: **<#1300000000000000004>**");
  expect(discord.violations).toEqual([]);
});
