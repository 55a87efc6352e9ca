import { expect, test } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import type { FakeMessage, FakeUser } from "../../support/discord/discord.ts";
import { buttonsOf } from "../../support/discord/member.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

const photo = { name: "photo.png", bytes: Buffer.from("photo") };

/** A result of the bot in the general channel, and who asked for it. */
async function resultOf(room: TestPlatform): Promise<{ user: FakeUser; result: FakeMessage }> {
  const { user, delivery } = await finishedJob(room);
  const { messages = [] } = await room.bot.deliver(delivery);
  room.usecases.move(delivery.job.id, delivery.job);
  room.usecases.records.messages.set(delivery.job.id, messages);
  const [result] = room.discord.messages(room.discord.general);
  return { user, result: result as FakeMessage };
}

/** The bot's answer to a message, once it holds `words`. */
function answered(
  { discord }: TestPlatform,
  asked: FakeMessage,
  words: string,
  channel = asked.channel,
): Promise<FakeMessage> {
  const answer = () =>
    discord.messages(channel).find(({ author, content }) => author === discord.state.botId && content.includes(words));
  return discord.until(answer, `an answer with “${words}”`);
}

test("takes a reply to its image as an edit of that job, with the words behind the prompt as options", async () => {
  const room = await openRoom();
  const { user, result } = await resultOf(room);
  const asked = room.discord.say(user, "make it blue --size 2k --quality high --n 3", { replyTo: result });
  const answer = await answered(room, asked, "Waiting");
  expect(answer).toMatchObject({ replyTo: asked, ephemeral: false });
  expect(buttonsOf(answer).map(({ label }) => label)).toEqual(["Cancel"]);
  const { what, of, draft, caller } = room.usecases.asked.at(-1) ?? {};
  expect([what, of?.job]).toEqual(["edit", "job1"]);
  expect(draft).toMatchObject({ prompt: "make it blue", size: "2K", quality: "high", count: 3 });
  expect(caller).toMatchObject({ member: `discord:${user.id}`, inbound: `discord:message:${asked.id}` });
  expect(caller?.rights).toBeUndefined();
  expect(room.discord.violations).toEqual([]);
});

test("takes a reply to somebody else's image that names the bot, with the images of both messages", async () => {
  const room = await openRoom({ contentIntent: true, bot: { contentIntent: true } });
  const { discord } = room;
  const [ana, ben] = [discord.user("ana"), discord.user("ben")];
  const shown = discord.say(ben, "my cat", { files: [photo] });
  const asked = discord.say(ana, `${discord.mention} in oil`, {
    replyTo: shown,
    files: [{ ...photo, name: "own.png" }],
  });
  await answered(room, asked, "Waiting");
  const { what, draft } = room.usecases.asked.at(-1) ?? {};
  expect(what).toBe("imagine");
  expect(draft?.prompt).toBe("in oil");
  expect(draft?.images?.map(({ filename }) => filename)).toEqual(["photo.png", "own.png"]);
});

test("says how to go on where Discord keeps the replied image from it", async () => {
  const room = await openRoom();
  const { discord } = room;
  const shown = discord.say(discord.user("ben"), "my cat", { files: [photo] });
  const asked = discord.say(discord.user("ana"), `${discord.mention} in oil`, { replyTo: shown });
  expect((await answered(room, asked, "does not show me")).content).toContain("Edit image");
  expect(room.usecases.asked).toEqual([]);
});

test("makes what somebody asks for who names it, and edits what they attach", async () => {
  const room = await openRoom();
  const { discord, usecases } = room;
  const ana = discord.user("ana");
  await answered(room, discord.say(ana, `${discord.mention} a red bicycle --n 2`), "Waiting");
  expect(usecases.asked.at(-1)).toMatchObject({ what: "imagine", draft: { prompt: "a red bicycle", count: 2 } });
  const asked = discord.say(ana, `in oil ${discord.mention}`, { files: [photo] });
  await discord.until(() => usecases.asked.length === 2, "the second job");
  expect(usecases.asked.at(-1)?.draft?.images).toMatchObject([{ filename: "photo.png" }]);
  expect(usecases.asked.at(-1)?.caller.inbound).toBe(`discord:message:${asked.id}`);
});

test("answers direct messages without being named", async () => {
  const room = await openRoom();
  const ana = room.discord.user("ana");
  const channel = room.discord.direct(ana);
  await answered(room, room.discord.say(ana, "a red bicycle", { channel }), "Waiting");
  expect(room.usecases.asked.at(-1)?.caller.tenant).toBe(`discord:dm:${ana.id}`);
  expect(room.discord.violations).toEqual([]);
});

test("leaves alone what is not meant for it", async () => {
  const room = await openRoom({ contentIntent: true, bot: { contentIntent: true } });
  const { discord } = room;
  const { user, result } = await resultOf(room);
  const shown = discord.say(user, "my cat", { files: [photo] });
  discord.say(user, "how lovely", { replyTo: shown });
  discord.say(user, "hello everybody");
  const known = discord.messages(discord.general).length;
  await answered(room, discord.say(user, "make it blue", { replyTo: result }), "Waiting");
  expect(room.usecases.asked).toHaveLength(2);
  expect(discord.messages(discord.general)).toHaveLength(known + 2);
});

test("hears a reply without a ping only where the operator switched message content on", async () => {
  for (const contentIntent of [true, false]) {
    const room = await openRoom({ contentIntent, bot: { contentIntent } });
    const { user, result } = await resultOf(room);
    room.discord.say(user, "make it blue", { replyTo: result, ping: false });
    await answered(room, room.discord.say(user, `${room.discord.mention} last`), "Waiting");
    await room.discord.until(() => room.usecases.asked.length === (contentIntent ? 3 : 2), "the jobs");
  }
});

test("makes one job and one answer of a message that Discord delivers twice, to two processes", async () => {
  const room = await openRoom();
  await room.another().start();
  const { user, result } = await resultOf(room);
  const asked = room.discord.say(user, "make it blue", { replyTo: result });
  room.discord.repeat(asked);
  await answered(room, asked, "Waiting");
  await room.discord.until(() => room.usecases.asked.length === 5, "every delivery"); // imagine, then four times the same
  expect(room.usecases.jobs.size).toBe(2);
  expect(room.discord.messages(room.discord.general)).toHaveLength(3);
});

test("keeps an edit chain of five replies, each the child of the one before", async () => {
  const room = await openRoom();
  const { discord, usecases } = room;
  let { user, result } = await resultOf(room);
  for (const [step, prompt] of ["blue", "with a hat", "at night", "in the rain", "in oil"].entries()) {
    const asked = discord.say(user, prompt, { replyTo: result });
    const answer = await answered(room, asked, "Waiting");
    const { of, caller, draft } = usecases.asked.at(-1) ?? {};
    expect([of?.job, draft?.prompt]).toEqual([`job${step + 1}`, prompt]);
    const id = `job${step + 2}`;
    const done = { state: "delivered", images: [await room.image()], charged: 125 } as const;
    const job = usecases.move(id, done);
    const sent = { job, replyTarget: caller?.replyTarget ?? "", nonce: id, repeated: false, spoiler: false };
    const delivered = await room.bot.deliver(sent);
    usecases.records.messages.set(id, delivered.messages ?? []);
    expect(delivered.messages).toEqual([`discord:${discord.general.id}:${answer.id}`]); // the answer is the result
    expect(answer.attachments).toHaveLength(1);
    result = answer;
  }
  expect(discord.violations).toEqual([]);
});

test("answers in direct messages where it may not write, and the result goes there, too", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  discord.general.may.send = false;
  const direct = discord.direct(ana);
  await answered(room, discord.say(ana, `${discord.mention} a cat`), "Waiting", direct);
  expect(JSON.parse(room.usecases.asked.at(-1)?.caller.replyTarget ?? "").channel).toBe(direct.id);
});

test("says what is missing, and what is refused, in its answer", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  await answered(room, discord.say(ana, discord.mention), "What shall it be?");
  room.usecases.refuses = new Refusal("paused", { reason: "maintenance" });
  await answered(room, discord.say(ana, `${discord.mention} a cat`), "maintenance");
  room.usecases.refuses = new TypeError("oops");
  await answered(room, discord.say(ana, `${discord.mention} a cat`), "Something went wrong");
  expect(discord.violations).toEqual([]);
});

test("answers in the member's own language once it knows it, else in the server's", async () => {
  const room = await openRoom();
  const { discord } = room;
  const channel = discord.channel(discord.guild(true, { locale: "zh-CN" }));
  await answered(room, discord.say(discord.user("ana"), `${discord.mention} a cat`, { channel }), "等待中");
  const ben = discord.user("ben");
  await room.reads(discord.command(ben, "credits", {}, { locale: "en-GB" }), "available");
  await answered(room, discord.say(ben, `${discord.mention} a dog`, { channel }), "Waiting");
  expect(room.usecases.asked.map(({ caller }) => caller.locale)).toEqual(["zh-CN", "en-GB"]);
});

test("fetches the message that is replied to where Discord left it out of the event", async () => {
  const room = await openRoom();
  const { user, result } = await resultOf(room);
  room.discord.state.omitsReplied = true;
  await answered(room, room.discord.say(user, "blue", { replyTo: result }), "Waiting");
  expect(room.usecases.asked.at(-1)).toMatchObject({ what: "edit", of: { job: "job1" } });
});

test("makes a new image where the message that is replied to is gone", async () => {
  const room = await openRoom();
  const { user, result } = await resultOf(room);
  room.discord.state.messages.splice(0, room.discord.state.messages.length);
  await answered(room, room.discord.say(user, `${room.discord.mention} blue`, { replyTo: result }), "Waiting");
  expect(room.usecases.asked.at(-1)?.what).toBe("imagine");
});

test("answers once although Discord stored its answer and said 500", async () => {
  const room = await openRoom();
  const { discord } = room;
  discord.fail({ method: "POST", path: /messages$/, status: 500, afterStoring: true });
  await answered(room, discord.say(discord.user("ana"), `${discord.mention} a cat`), "Waiting");
  expect(discord.messages(discord.general)).toHaveLength(2);
});
