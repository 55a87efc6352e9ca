import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { budgetAlert, channelMessage, weekDigest } from "../../support/channel-posts.ts";
import type { FakeChannel } from "../../support/discord/state.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

let opened: TestPlatform | undefined;

afterEach(() => {
  expect(opened?.discord.violations).toEqual([]);
});

const open = { id: "11", name: "news", moderated: false };
const moderated = { id: "10", name: "rules", moderated: true };

async function openForum(given: Partial<FakeChannel> = {}) {
  const room = await openRoom();
  opened = room;
  const { guild } = room.discord.general;
  if (!guild) throw new Error("general has no guild");
  const forum = room.discord.forum(guild, given);
  const where = { tenant: `discord:guild:${guild.id}`, channel: forum.id };
  const post = (...message: Parameters<typeof channelMessage>) => room.bot.postToChannel?.(channelMessage(...message));
  const threads = () => [...room.discord.state.channels.values()].filter(({ parent }) => parent === forum);
  const first = (thread: FakeChannel | undefined) => (thread ? room.discord.messages(thread)[0] : undefined);
  return { ...room, forum, where, post, threads, first };
}

test.each(["forum", "media"] as const)("an alert in a %s is a post with a name", async (kind) => {
  const { post, where, threads, first } = await openForum({ kind });
  const posted = await post(where, budgetAlert);
  const [thread] = threads();
  expect(thread).toMatchObject({ name: "80 % of the budget here for the month is spent", applied: [] });
  expect(posted).toEqual({ message: `discord:${thread?.id}:${thread?.id}` });
  expect(first(thread)?.content).toContain("80 % of the budget");
});

test("a post bears the first tag that is not for moderators where one is required, and says when there is none", async () => {
  const { post, where, threads, forum } = await openForum({ requiresTag: true, tags: [moderated, open] });
  await post(where, budgetAlert);
  expect(threads().map(({ applied }) => applied)).toEqual([["11"]]);
  forum.tags = [moderated];
  expect(await post(where, budgetAlert)).toEqual({ closed: "tags" });
});

test("a post of an earlier try is found and told anew; an archived one is opened again when it changes", async () => {
  const { post, where, threads, first } = await openForum();
  const posted = await post(where, budgetAlert);
  expect(await post(where, budgetAlert, { repeated: true })).toEqual(posted);
  const [thread, other] = threads();
  expect(other).toBeUndefined();
  if (thread) thread.archived = true;
  const earlier = posted && "message" in posted ? posted.message : "";
  await post(where, budgetAlert, { earlier, locale: "zh-CN" });
  expect(first(thread)?.content).toContain("这里本月的预算已用去 80 %");
  expect(thread?.archived).toBe(false);
});

test("the digest goes without its drawing where the bot may not attach files", async () => {
  const { post, where, threads, first, forum, discord } = await openForum();
  discord.allow(forum, { attach: false });
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-plot-"));
  await post(where, await weekDigest(folder));
  rmSync(folder, { recursive: true });
  const [thread] = threads();
  expect(first(thread)?.content).toContain("Ann");
  expect(first(thread)?.attachments).toEqual([]);
  expect(discord.requests.filter(({ status }) => status === 403)).toEqual([]);
});

test.each(["forum", "media"] as const)(
  "a result is posted in the post of a %s where it was asked for",
  async (kind) => {
    const { discord, bot, forum } = await openForum({ kind });
    const thread = discord.thread(forum);
    const { delivery } = await finishedJob(opened as TestPlatform, { where: { channel: thread } });
    expect(await bot.deliver(delivery)).toMatchObject({ route: "channel" });
    expect(discord.messages(thread)[0]?.attachments).toHaveLength(1);
  },
);

test("a result opens an archived thread; one that was locked meanwhile is answered by the interaction's own word", async () => {
  const { discord, bot } = await openForum();
  const thread = discord.thread(discord.general);
  const archived = await finishedJob(opened as TestPlatform, { where: { channel: thread } });
  thread.archived = true;
  expect(await bot.deliver(archived.delivery)).toMatchObject({ route: "channel" });
  expect(thread.archived).toBe(false);
  const locked = await finishedJob(opened as TestPlatform, { where: { channel: thread } });
  thread.locked = true;
  const delivered = await bot.deliver(locked.delivery);
  expect(delivered.route).not.toBe("none");
});
