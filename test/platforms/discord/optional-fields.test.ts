import { expect, test } from "vitest";
import type { FakeInteraction, FakeMessage } from "../../support/discord/discord.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

type Fields = Record<string, unknown>;

/** Discord's reference calls these optional or nullable in an interaction; with the values that they may have instead. */
const ofInteraction: readonly (readonly [string, unknown?])[] = [
  ["locale"],
  ["guild_locale"],
  ["authorizing_integration_owners"],
  ["channel"],
  ["channel_id"],
  ["app_permissions"],
  ["context"],
  ["context", null],
  ["attachment_size_limit"],
  ["entitlements"],
  ["version"],
  ["data.resolved"],
  ["data.options"],
  ["member.roles"],
  ["member.permissions"],
  ["member.nick"],
  ["member.user.global_name"],
  ["user.global_name"],
  ["message.flags"],
  ["message.components"],
  ["message.message_reference"],
];

const ofMessage: readonly (readonly [string, unknown?])[] = [
  ["member"],
  ["member.roles"],
  ["mentions"],
  ["embeds"],
  ["attachments"],
  ["components"],
  ["flags"],
  ["message_reference"],
  ["message_reference.channel_id"],
  ["message_reference.type"],
  ["referenced_message"],
  ["referenced_message.components"],
  ["referenced_message.embeds"],
  ["referenced_message.attachments"],
  ["author.global_name"],
  ["channel_type"],
];

/** The same event without the field, or with another value there. */
function without(data: unknown, path: string, value?: unknown): unknown {
  const [key = "", ...rest] = path.split(".");
  const fields = data as Fields | undefined;
  if (fields?.[key] === undefined) return data;
  const { [key]: inside, ...others } = fields;
  if (rest.length > 0) return { ...others, [key]: without(inside, rest.join("."), value) };
  return value === undefined ? others : { ...others, [key]: value };
}

async function roomWithResult() {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  const { messages = [] } = await room.bot.deliver(delivery);
  room.usecases.move(delivery.job.id, delivery.job);
  room.usecases.records.messages.set(delivery.job.id, messages);
  const [result] = room.discord.messages(room.discord.general) as [FakeMessage];
  return { room, user, result };
}

async function answered({ discord }: TestPlatform, interaction: FakeInteraction): Promise<void> {
  await discord.until(() => {
    if (interaction.modal || interaction.choices) return true;
    return interaction.reply && !interaction.reply.thinking && interaction.reply.content !== "";
  }, `an answer to ${interaction.kind}`);
}

function failures({ log }: TestPlatform): object[] {
  return log.lines.filter(({ level }) => level === "error");
}

test("answers every kind of interaction without any field that Discord may leave out", async () => {
  const { room, user, result } = await roomWithResult();
  const { discord } = room;
  const photo = { name: "cat.png", bytes: Buffer.from("cat") };
  const message = discord.say(user, "my cat", { files: [photo] });
  const form = discord.choose(user, message, "Edit image");
  await answered(room, form);
  const kinds: (() => FakeInteraction)[] = [
    () => discord.command(user, "imagine", { prompt: "a" }),
    () => discord.command(user, "credits"),
    () => discord.command(user, "credits", {}, { channel: discord.direct(user) }),
    () => discord.command(user, "imagine", { prompt: "a" }, { channel: discord.thread(discord.general) }),
    () => discord.type(user, "imagine", "size", "2K"),
    () => discord.press(user, result, "Again"),
    () => discord.press(user, result, "Edit"),
    () => discord.choose(user, message, "Edit image"),
    () => discord.submitModal(user, form, { prompt: "in oil" }),
  ];
  for (const [path, value] of ofInteraction) {
    discord.state.rewrite = (_, data) => without(data, path, value);
    const acts = kinds.map((act) => act());
    for (const act of acts) await answered(room, act);
    expect([path, failures(room)]).toEqual([path, []]);
  }
});

test.each([["guild_id"], ["channel.guild_id"]])("takes %s: null for direct messages", async (path) => {
  const room = await openRoom();
  const ana = room.discord.user("ana");
  const channel = room.discord.direct(ana);
  room.discord.state.rewrite = (type, data) =>
    type === "READY" || path !== "guild_id" ? data : { ...(data as Fields), guild_id: null };
  await answered(room, room.discord.command(ana, "imagine", { prompt: "a" }, { channel }));
  room.discord.say(ana, "a red bicycle", { channel });
  await room.discord.until(() => room.usecases.asked.length === 2, "both jobs");
  expect(room.usecases.asked.map(({ caller }) => caller.tenant)).toEqual(Array(2).fill(`discord:dm:${ana.id}`));
});

test("answers every kind of message without any field that Discord may leave out", async () => {
  const { room, user, result } = await roomWithResult();
  const { discord, usecases } = room;
  for (const [path, value] of ofMessage) {
    discord.state.rewrite = (_, data) => without(data, path, value);
    const posts = [
      discord.say(user, `${discord.mention} a cat`),
      discord.say(user, `${discord.mention} blue`, { replyTo: result }),
      discord.say(user, "a dog", { channel: discord.direct(user) }),
    ];
    const answers = () => {
      const known = discord.state.messages.slice(discord.state.messages.indexOf(posts[0] as FakeMessage));
      return known.filter(({ author, content }) => author === discord.state.botId && !content.includes("One moment"));
    };
    await discord.until(() => answers().length === 3, `three answers without ${path}`);
    expect([path, failures(room)]).toEqual([path, []]);
  }
  expect(usecases.asked.length).toBeGreaterThanOrEqual(3 * ofMessage.length - 1);
});

test("gives a language to a member of whom Discord tells none", async () => {
  const room = await openRoom();
  room.discord.state.rewrite = (_, data) => without(data, "locale");
  const guild = room.discord.guild(true, { locale: "zh-CN" });
  const channel = room.discord.channel(guild);
  await room.reads(room.discord.command(room.discord.user("ana"), "credits", {}, { channel }), "点");
});

test("finds out the channel of a thread by itself where Discord tells its id alone", async () => {
  const room = await openRoom();
  const thread = room.discord.thread(room.discord.general);
  room.discord.state.rewrite = (_, data) => without(data, "channel");
  await room.reads(
    room.discord.command(room.discord.user("ana"), "imagine", { prompt: "a" }, { channel: thread }),
    "Waiting",
  );
  expect(room.usecases.asked.at(-1)?.caller.channel).toBe(room.discord.general.id);
});

test("tries a first answer that hangs once more within Discord's three seconds", async () => {
  const room = await openRoom();
  const { discord, world } = room;
  discord.fail({ method: "POST", path: /callback$/, status: "hang" });
  const asked = discord.command(discord.user("ana"), "credits");
  const tries = () => discord.requests.filter(({ path }) => path.endsWith("/callback")).length;
  await discord.until(() => tries() === 1, "the try that hangs");
  world.advance(1350);
  await room.reads(asked, "available");
  expect(room.missed).toEqual([]);
});

test("tries a first answer no third time", async () => {
  const room = await openRoom();
  const { discord, world } = room;
  discord.fail({ method: "POST", path: /callback$/, status: "hang", times: 3 });
  discord.command(discord.user("ana"), "credits");
  const tries = () => discord.requests.filter(({ path }) => path.endsWith("/callback")).length;
  await discord.until(() => tries() === 1, "the first try");
  world.advance(1350);
  await discord.until(() => tries() === 2, "the second try");
  world.advance(1350);
  await discord.until(() => room.missed.length === 1, "the end of it");
  expect(tries()).toBe(2);
});
