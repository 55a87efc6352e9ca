import { expect, test } from "vitest";
import { failedJob, finishedJob } from "./finished.ts";
import { openRoom } from "./test-platform.ts";

test("posts images as spoilers where the server wants that", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  await room.bot.deliver({ ...delivery, spoiler: true });
  const gallery = room.discord.messages(room.discord.general)[0]?.components.find(({ type }) => type === 12);
  expect(gallery).toMatchObject({ items: [{ spoiler: true, description: "Generated image: a red bicycle" }] });
});

test("posts to the channel of a thread that is gone", async () => {
  const room = await openRoom();
  const thread = room.discord.thread(room.discord.general);
  const { delivery } = await finishedJob(room, { where: { channel: thread } });
  thread.deleted = true;
  room.world.advance(14 * 60_000);
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
  expect(room.discord.messages(room.discord.general)).toHaveLength(1);
  expect(room.discord.violations).toEqual([]);
});

test("puts a late result in the place of the news of its failure", async () => {
  const room = await openRoom();
  const { user, delivery } = await failedJob(room);
  room.world.advance(14 * 60_000);
  const delivered = await room.bot.deliver(delivery);
  expect(delivered.route).toBe("direct");
  const job = { ...delivery.job, state: "delivered", images: [await room.image()], charged: 0 } as const;
  await room.bot.deliver({ ...delivery, job, nonce: "late", earlier: delivered.message });
  expect(room.discord.messages(room.discord.general)).toHaveLength(1);
  const [news] = room.discord.messages(room.discord.direct(user));
  expect(news?.content).toContain("Done");
  expect(news?.content).not.toContain("No image");
});

test("leaves a notice without the prompt when a private result finds no way to its member", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room, { values: { private: true, prompt: "a secret" } });
  room.world.advance(14 * 60_000);
  user.dmsClosed = true;
  await expect(room.bot.deliver(delivery)).resolves.toEqual({ route: "none" });
  const [notice] = room.discord.messages(room.discord.general);
  expect(notice?.content).toContain(`<@${user.id}>`);
  expect(notice?.content).toContain("/history");
  expect(notice?.content).not.toContain("secret");
  expect(notice?.attachments).toEqual([]);
  expect(room.discord.violations).toEqual([]);
});

test("tells a failure in the channel when its member can be reached in no other way", async () => {
  const room = await openRoom();
  const { user, delivery } = await failedJob(room);
  room.world.advance(14 * 60_000);
  user.dmsClosed = true;
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
  expect(room.discord.messages(room.discord.general)[0]?.content).toContain("no image this time");
});

test("sends a private result of a message directly, and says so where it was asked", async () => {
  const room = await openRoom();
  const { discord, usecases, bot } = room;
  const ana = discord.user("ana");
  discord.say(ana, `${discord.mention} a secret garden`);
  await discord.until(() => discord.messages(discord.general).some(({ content }) => content.includes("Waiting")), "it");
  const { caller } = usecases.asked.at(-1) ?? {};
  const { request } = usecases.move("job1", {});
  const done = { state: "delivered", images: [await room.image()], request: { ...request, private: true } } as const;
  const job = usecases.move("job1", done);
  const sent = { job, replyTarget: caller?.replyTarget ?? "", nonce: "n", repeated: false, spoiler: false };
  await expect(bot.deliver(sent)).resolves.toMatchObject({ route: "direct" });
  const answer = discord.messages(discord.general).at(-1);
  expect(answer?.content).toContain("look in your direct messages");
  expect(answer?.attachments).toEqual([]);
});

test.each([
  ["en-US", "Done", "credits"],
  ["zh-CN", "完成", "点"],
])("shows a result 20 minutes after the command, without the dead token, in %s", async (locale, done, credits) => {
  const room = await openRoom();
  const open = await finishedJob(room, { where: { locale } });
  const hidden = await finishedJob(room, { where: { locale }, values: { private: true } });
  room.world.advance(20 * 60_000);
  room.discord.advance(20 * 60_000);
  await expect(room.bot.deliver(open.delivery)).resolves.toMatchObject({ route: "channel" });
  await expect(room.bot.deliver(hidden.delivery)).resolves.toMatchObject({ route: "direct" });
  expect(room.discord.messages(room.discord.general)[0]?.content).toContain(credits);
  expect(open.interaction.reply?.content).not.toContain(done);
  expect(room.discord.messages(room.discord.direct(hidden.user))[0]?.attachments).toHaveLength(1);
  expect(room.discord.requests.filter(({ path }) => path.startsWith("/webhooks")).length).toBe(2); // the two cards
  expect(room.discord.invalidRequests).toBe(0);
  expect(room.discord.violations).toEqual([]);
});
