import { expect, test } from "vitest";
import type { ChannelContent } from "../../../src/contract/channel-messages.ts";
import { channelMessage } from "../../support/channel-posts.ts";
import { openRoom } from "./test-platform.ts";

test("a server that has just taken the bot in is welcomed where the bot may write, and no other server", async () => {
  const { discord, usecases, world, bot } = await openRoom();
  const joinedAt = new Date(world.now() - 60_000).toISOString();
  const [fresh, known] = [
    discord.guild(true, { joinedAt, locale: "zh-CN" }),
    discord.guild(true, { joinedAt: new Date(world.now() - 86_400_000).toISOString() }),
  ];
  const closed = discord.channel(fresh);
  discord.allow(closed, { send: false });
  const open = discord.channel(fresh);
  discord.channel(known);
  for (const guild of [known, fresh]) discord.gateway.announce(guild);
  const where = { platform: "discord", tenant: `discord:guild:${fresh.id}`, channel: open.id, locale: "zh-CN" };
  await expect.poll(() => usecases.records.welcomed).toEqual([where]);
  const welcome: ChannelContent = { kind: "welcome" };
  await bot.postToChannel?.(channelMessage(where, welcome, { locale: "zh-CN" }));
  expect(discord.messages(open)[0]?.content).toContain("/imagine");
  expect(discord.violations).toEqual([]);
});

test("where images may be posted nowhere, it is said where words may; where nothing may be written, nothing is tried", async () => {
  const { discord, usecases, world } = await openRoom();
  const guild = discord.guild(true, { joinedAt: new Date(world.now() - 3_600_000).toISOString() });
  const [closed, words] = [discord.channel(guild), discord.channel(guild)];
  discord.allow(closed, { send: false });
  discord.allow(words, { attach: false });
  const shut = discord.guild(true, { joinedAt: new Date(world.now()).toISOString() });
  discord.allow(discord.channel(shut), { send: false });
  for (const each of [shut, guild]) discord.gateway.announce(each);
  await expect.poll(() => usecases.records.welcomed.map(({ channel }) => channel)).toEqual([words.id]);
});
