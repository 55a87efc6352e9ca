import { expect, test } from "vitest";
import type { FakeChannel, FakeUser } from "../../support/discord/state.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

const admin = { admin: true };

async function named(
  room: TestPlatform,
  channel: FakeChannel,
  locale = "en-US",
  user: FakeUser = room.discord.user("ana"),
) {
  return room.discord.command(user, "admin alerts", { channel: { picked: channel.id } }, { ...admin, locale });
}

test("a channel that is closed to the bot is refused at once, by the names of what is missing, without a request", async () => {
  const room = await openRoom();
  const { discord } = room;
  const office = discord.channel(discord.general.guild);
  discord.allow(office, { view: false, send: false });
  const refused = await room.reads(await named(room, office), "lacks");
  expect(refused).toContain(`In <#${office.id}> the bot lacks the permissions View Channel, Send Messages`);
  expect(await room.reads(await named(room, office, "zh-CN"), "缺少权限")).toContain("查看频道、发送消息");
  expect(discord.requests.filter(({ path }) => path.includes(`/channels/${office.id}`))).toEqual([]);
  expect(discord.violations).toEqual([]);
});

test("a channel for words alone is open; where Discord tells nothing, it is tried", async () => {
  const room = await openRoom();
  const { discord } = room;
  const office = discord.channel(discord.general.guild);
  discord.allow(office, { attach: false });
  const words = await named(room, office);
  await discord.until(() => words.reply?.edits, "an answer");
  expect(words.reply?.content).not.toContain("lacks");
  discord.allow(office, { send: false });
  discord.state.rewrite = (_, data) => {
    const { data: inner } = data as { data?: { resolved?: { channels?: Record<string, object> } } };
    for (const each of Object.values(inner?.resolved?.channels ?? {})) Reflect.deleteProperty(each, "app_permissions");
    return data;
  };
  const tried = await named(room, office);
  await discord.until(() => tried.reply?.edits, "an answer");
  expect(tried.reply?.content).not.toContain("lacks");
});

test("says beside the price which permissions are missing where the result cannot be posted", async () => {
  const room = await openRoom();
  const { discord } = room;
  discord.allow(discord.general, { attach: false });
  const ana = discord.user("ana");
  const command = discord.command(ana, "imagine", { prompt: "a fox" });
  expect(await room.reads(command, "Reserved")).toContain(
    "I lack Attach Files in this channel: the result comes as an answer to your command",
  );
  const thread = discord.thread(discord.general);
  thread.locked = true;
  const locked = discord.command(ana, "imagine", { prompt: "a fox" }, { channel: thread });
  expect(await room.reads(locked, "Reserved")).toContain("I lack Send Messages in Threads");
  const hidden = discord.command(ana, "imagine", { prompt: "a fox", private: true });
  expect(await room.reads(hidden, "Reserved")).not.toContain("I lack");
});
