import { expect, test } from "vitest";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

const file = (name: string) => ({ name, bytes: Buffer.from(name) });
const names = (room: TestPlatform) => room.usecases.asked.at(-1)?.draft?.images?.map(({ filename }) => filename);

/** The bot's newest answer in the general channel, once it holds `words`. */
function answer({ discord }: TestPlatform, words: string) {
  const said = () =>
    discord
      .messages(discord.general)
      .findLast(({ author, content }) => author === discord.state.botId && content.includes(words));
  return discord.until(said, `an answer with “${words}”`);
}

test.each([
  ["a PDF", "plan.pdf"],
  ["a video", "clip.mp4"],
  ["a voice message", "voice-message.ogg"],
  ["a file without a type", "image"],
  ["an image that calls itself something else", "photo.bin"],
])("hands over %s beside the words, so that its content decides", async (_, name) => {
  const room = await openRoom();
  room.discord.say(room.discord.user("ana"), `${room.discord.mention} like this`, {
    files: [file("a.png"), file(name)],
  });
  await room.discord.until(() => room.usecases.asked.length === 1, "the job");
  expect(names(room)).toEqual(["a.png", name]);
});

test("hands over what a reply and a forwarded message show, of whatever type", async () => {
  const room = await openRoom({ contentIntent: true, bot: { contentIntent: true } });
  const { discord } = room;
  const [ana, ben] = [discord.user("ana"), discord.user("ben")];
  const shown = discord.say(ben, "see", { files: [file("plan.pdf"), file("cat.png")] });
  discord.say(ana, `${discord.mention} in oil`, { replyTo: shown });
  await discord.until(() => room.usecases.asked.length === 1, "the first job");
  expect(names(room)).toEqual(["plan.pdf", "cat.png"]);
  const forwarded = discord.say(ben, "", { forwards: shown });
  discord.say(ana, `${discord.mention} in ink`, { replyTo: forwarded });
  await discord.until(() => room.usecases.asked.length === 2, "the second job");
  expect(names(room)).toEqual(["plan.pdf", "cat.png"]);
});

test.each([
  ["a sticker", { stickers: ["Wumpus waves"] }, "Wumpus waves"],
  [
    "the preview of a video",
    { embeds: [{ type: "video", title: "A film", thumbnail: { url: "https://x/t.jpg" } }] },
    "A film",
  ],
])("names %s in a refusal, and asks for nothing", async (_, posting, name) => {
  const room = await openRoom();
  room.discord.say(room.discord.user("ana"), `${room.discord.mention} like this`, posting);
  expect((await answer(room, "is not an image")).content).toContain(name);
  expect(room.usecases.asked).toEqual([]);
});

test("takes the still image of an animation behind a link", async () => {
  const room = await openRoom();
  const embeds = [
    { type: "gifv", url: "https://x/v", thumbnail: { url: "https://x/still.png" }, video: { url: "https://x/v.mp4" } },
  ];
  room.discord.say(room.discord.user("ana"), `${room.discord.mention} in oil`, { embeds });
  await room.discord.until(() => room.usecases.asked.length === 1, "the job");
  expect(names(room)).toEqual(["still.png"]);
});

test("refuses by its name a file of which Discord tells nothing", async () => {
  const room = await openRoom();
  room.discord.state.rewrite = (_, data) => {
    const { data: inside } = data as { data?: { resolved?: object } };
    return inside ? { ...(data as object), data: { ...inside, resolved: {} } } : data;
  };
  const asked = room.discord.command(room.discord.user("ana"), "imagine", { prompt: "a", image: file("cat.png") });
  await room.reads(asked, "could not be downloaded");
  expect(room.usecases.asked).toEqual([]);
});

test("does not make a new image of a reply whose image Discord keeps back", async () => {
  const room = await openRoom();
  const { discord } = room;
  const shown = discord.say(discord.user("ben"), "my cat", { files: [file("cat.png")] });
  discord.state.omitsReplied = true;
  discord.general.may.history = false;
  discord.say(discord.user("ana"), `${discord.mention} in oil`, { replyTo: shown });
  await answer(room, "does not show me");
  expect(room.usecases.asked).toEqual([]);
});

const hidden = (room: TestPlatform) =>
  JSON.parse(room.usecases.asked.at(-1)?.caller.replyTarget ?? "{}").spoiler === true;

test("hides the result of an image that was hidden, whichever way it came", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  await room.reads(discord.command(ana, "imagine", { prompt: "a", image: file("SPOILER_cat.png") }), "Waiting");
  expect(hidden(room)).toBe(true);
  await room.reads(discord.command(ana, "imagine", { prompt: "a", image: file("cat.png") }), "Waiting");
  expect(hidden(room)).toBe(false);
  const said = discord.say(ana, `${discord.mention} in oil`, { files: [file("SPOILER_cat.png")] });
  await discord.until(() => room.usecases.asked.length === 3, "the third job");
  expect(hidden(room)).toBe(true);
  const form = discord.choose(ana, said, "Edit image");
  await discord.until(() => form.modal, "the form");
  await room.reads(discord.submitModal(ana, form, { prompt: "in ink" }), "Waiting");
  expect(hidden(room)).toBe(true);
});

test("posts a hidden result as a spoiler, and what is made of it by its buttons", async () => {
  const room = await openRoom();
  const { delivery, user } = await finishedJob(room);
  const replyTarget = JSON.stringify({ ...JSON.parse(delivery.replyTarget), spoiler: true });
  await room.bot.deliver({ ...delivery, replyTarget });
  room.usecases.move(delivery.job.id, delivery.job);
  const [posted] = room.discord.messages(room.discord.general);
  if (!posted) throw new Error("nothing was posted");
  expect(JSON.stringify(posted.components)).toContain('"spoiler":true');
  await room.reads(room.discord.press(user, posted, "Again"), "Waiting");
  expect(hidden(room)).toBe(true);
});
