import { beforeEach, describe, expect, test } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import type { FakeInteraction, FakeMessage, FakeUser } from "../../support/discord/discord.ts";
import { buttonsOf } from "../../support/discord/member.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

const photo = { name: "photo.png", bytes: Buffer.from("photo") };
const yes = "Yes, for at most 125 credits";
let room: TestPlatform;
let ana: FakeUser;

beforeEach(async () => {
  room = await openRoom();
  ana = room.discord.user("ana");
  room.usecases.asksAbove = 100;
});

async function asks(interaction: FakeInteraction): Promise<FakeMessage> {
  await room.reads(interaction, "at most 125 credits");
  return interaction.reply as FakeMessage;
}

/** Resolves with the bot's last message in the channel, once it holds `words`. */
function answered(words: string, channel = room.discord.general): Promise<FakeMessage> {
  const own = () => room.discord.messages(channel).filter(({ author }) => author === room.discord.state.botId);
  return room.discord.until(() => own().find(({ content }) => content.includes(words)), `an answer with “${words}”`);
}

async function sentForm(): Promise<FakeInteraction> {
  const form = room.discord.choose(ana, room.discord.say(ana, "my cat", { files: [photo] }), "Edit image");
  await room.discord.until(() => form.modal, "the form");
  return room.discord.submitModal(ana, form, { prompt: "in oil" });
}

async function reply(): Promise<FakeMessage> {
  room.usecases.asksAbove = 1000;
  const { delivery } = await finishedJob(room);
  const { messages = [] } = await room.bot.deliver(delivery);
  room.usecases.move(delivery.job.id, delivery.job);
  room.usecases.records.messages.set(delivery.job.id, messages);
  room.usecases.asked.length = 0;
  room.usecases.asksAbove = 100;
  const [result] = room.discord.messages(room.discord.general);
  room.discord.say(ana, "in oil", { replyTo: result as FakeMessage });
  return answered("at most 125 credits");
}

async function direct(): Promise<FakeMessage> {
  const channel = room.discord.direct(ana);
  room.discord.say(ana, "in oil", { channel, files: [photo] });
  return answered("at most 125 credits", channel);
}

async function mention(): Promise<FakeMessage> {
  room.discord.say(ana, `${room.discord.mention} in oil`, { files: [photo] });
  return answered("at most 125 credits");
}

const surfaces: [string, () => Promise<FakeMessage>, object][] = [
  ["/imagine", async () => asks(room.discord.command(ana, "imagine", { prompt: "in oil", image: photo })), {}],
  ["/edit", async () => asks(room.discord.command(ana, "edit", { prompt: "in oil", image: photo })), {}],
  ["the form of Edit image", async () => asks(await sentForm()), {}],
  ["a mention", mention, {}],
  ["a direct message", direct, {}],
  ["a reply to a result", reply, { what: "edit", of: { job: "job1" } }],
];

describe.each(surfaces)("what is dear, by %s", (_name, ask, wanted) => {
  test("is asked about, and made once by yes, as it was asked for", async () => {
    const question = await ask();
    expect(question.content).toContain("in oil");
    expect(room.usecases.asked).toEqual([]);
    const [first, second] = [room.discord.press(ana, question, yes), room.discord.press(ana, question, yes)];
    await room.discord.until(() => room.usecases.asked.length === 2, "both presses");
    await room.discord.until(() => question.content.includes("Waiting"), "the job in the place of its question");
    expect(new Set(room.usecases.asked.map(({ caller }) => caller.inbound)).size).toBe(1);
    const source = "of" in wanted ? {} : { images: [{ filename: "photo.png" }] };
    expect(room.usecases.asked[0]).toMatchObject({ draft: { prompt: "in oil", ...source }, ...wanted });
    expect([...first.followUps, ...second.followUps]).toEqual([]);
    expect(room.discord.violations).toEqual([]);
  });

  test("is not made by no", async () => {
    const question = await ask();
    room.discord.press(ana, question, "No");
    await room.discord.until(() => question.content.includes("Nothing was made"), "the end of the question");
    expect(buttonsOf(question)).toEqual([]);
    expect(room.usecases.asked).toEqual([]);
    expect(room.discord.violations).toEqual([]);
  });
});

test("a reply of the bot that asked becomes the result, as without the question", async () => {
  const question = await mention();
  room.discord.press(ana, question, yes);
  await answered("Waiting");
  const { caller } = room.usecases.asked[0] ?? expect.fail("nothing was made");
  expect(JSON.parse(caller.replyTarget)).toMatchObject({ asked: question.replyTo?.id, answer: question.id });
  const images = [await room.image()];
  const job = { ...room.usecases.move("job1", { state: "delivering" }), images, charged: 125 };
  await room.bot.deliver({ job, replyTarget: caller.replyTarget, nonce: "job1", repeated: false, spoiler: false });
  expect(question.attachments).toHaveLength(1);
  expect(room.discord.messages(room.discord.general).filter(({ author }) => author !== ana.id)).toHaveLength(1);
});

describe.each([
  ["en-US", "I read 2 images out of your words", "Draw it: at most 250 credits", "Leave my words: at most 125 credits"],
  ["zh-CN", "从您的话里读出了 2 张", "照此绘制：最多 250 点", "保留原话：最多 125 点"],
])("options that were taken out of a message, in %s", (locale, title, draw, leave) => {
  async function asked(): Promise<FakeMessage> {
    room.usecases.asksAbove = Number.POSITIVE_INFINITY;
    ana = room.discord.user("ana");
    const written = locale === "en-US" ? "in oil, x2" : "油画，x2";
    const command = room.discord.command(ana, "credits", {}, { locale }); // tells the bot the language
    await room.discord.until(() => command.reply, "an answer");
    room.discord.say(ana, `${room.discord.mention} ${written}`, { files: [photo] });
    return answered(title);
  }

  test.each([
    [draw, 2],
    [leave, undefined],
  ])("are shown, and made once by “%s”", async (label, count) => {
    const question = await asked();
    expect(buttonsOf(question).map((button) => button.label)).toEqual([
      draw,
      leave,
      locale === "en-US" ? "Cancel" : "取消",
    ]);
    expect(room.usecases.asked).toEqual([]);
    room.discord.press(ana, question, label, { locale });
    await room.discord.until(() => room.usecases.asked.length === 1, "the job");
    const whole = locale === "en-US" ? "in oil, x2" : "油画，x2";
    const prompt = count ? whole.replace(/[,，].*/u, "") : whole;
    expect(room.usecases.asked[0]?.draft).toMatchObject({ prompt, count, images: [{ filename: "photo.png" }] });
    expect(room.discord.violations).toEqual([]);
  });
});

test("nobody but the asker can answer, and others are told so alone", async () => {
  const question = await mention();
  for (const label of [yes, "No"]) {
    const pressed = room.discord.press(room.discord.user("ben"), question, label);
    const [refusal] = await room.discord.until(() => pressed.followUps.length > 0 && pressed.followUps, "a refusal");
    expect(refusal).toMatchObject({ ephemeral: true, content: expect.stringContaining("Only the person who asked") });
  }
  expect(buttonsOf(question)).toHaveLength(2);
  expect(room.usecases.asked).toEqual([]);
});

test.each([
  ["en-US", "That question is closed"],
  ["zh-CN", "这个问题已关闭"],
])("a question that is closed says so in %s", async (locale, words) => {
  const question = await mention();
  await room.usecases.reject("q1", { member: `discord:${ana.id}` } as never);
  const pressed = room.discord.press(ana, question, yes, { locale });
  await room.discord.until(() => pressed.followUps[0]?.content.includes(words), words);
  expect(room.usecases.asked).toEqual([]);
});

test("yes that is refused leaves the question there, to be answered later", async () => {
  const question = await asks(room.discord.command(ana, "imagine", { prompt: "in oil" }));
  room.usecases.refuses = new Refusal("too-many-queued", { limit: 10 });
  const pressed = room.discord.press(ana, question, yes);
  await room.discord.until(() => pressed.followUps[0]?.content.includes("10 jobs waiting"), "a refusal");
  room.discord.press(ana, question, yes);
  await room.discord.until(() => question.content.includes("Waiting"), "the job");
  expect(room.usecases.asked).toHaveLength(1);
});

test("what is not dear is made at once", async () => {
  room.usecases.asksAbove = 125;
  await room.reads(room.discord.command(ana, "imagine", { prompt: "in oil" }), "Waiting");
  expect(room.usecases.asked).toHaveLength(1);
});
