import { expect, test } from "vitest";
import type { FakeInteraction, FakeMessage, FakeUser } from "../../support/discord/discord.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

const file = (name: string) => ({ name, bytes: Buffer.from(name) });

async function formFor({ discord }: TestPlatform, user: FakeUser, message: FakeMessage, locale = "en-US") {
  const chosen = discord.choose(user, message, "Edit image", { locale });
  await discord.until(() => chosen.modal, "the form");
  return chosen;
}

type Values = Parameters<TestPlatform["discord"]["submitModal"]>[2];

async function submitted(room: TestPlatform, user: FakeUser, form: FakeInteraction, values: Values, words = "Waiting") {
  await room.reads(room.discord.submitModal(user, form, values), words);
  return room.usecases.asked.at(-1);
}

test("edits the photograph that another member uploaded, without any intent", async () => {
  const room = await openRoom();
  const { discord } = room;
  const [ana, ben] = [discord.user("ana"), discord.user("ben")];
  const form = await formFor(room, ana, discord.say(ben, "my cat", { files: [file("cat.jpg"), file("notes.txt")] }));
  expect(JSON.stringify(form.modal)).toContain("Left out, because it is not an image: notes.txt");
  const asked = await submitted(room, ana, form, { prompt: "in oil" });
  expect(asked).toMatchObject({ what: "imagine", draft: { prompt: "in oil" } });
  expect(asked?.draft?.images?.map(({ filename }) => filename)).toEqual(["cat.jpg"]);
  expect(discord.violations).toEqual([]);
});

test("asks for prompt, size with prices, quality side by side, count and files, in the member's language", async () => {
  const room = await openRoom();
  const { discord } = room;
  const message = discord.say(discord.user("ben"), "", { files: [file("cat.png")] });
  for (const [locale, title] of [
    ["en-US", "Change an image"],
    ["zh-CN", "修改一张图片"],
  ] as const) {
    const { modal } = await formFor(room, discord.user("ana"), message, locale);
    expect(modal?.title).toBe(title);
    const parts = modal?.components.map((label) => ("component" in label ? label.component : undefined));
    expect(parts?.map((part) => [part?.type, part?.custom_id])).toEqual([
      [4, "prompt"],
      [3, "size"],
      [21, "quality"],
      [3, "count"],
      [19, "images"],
    ]);
    expect(JSON.stringify(parts?.[1])).toContain(locale === "en-US" ? "4K 1:1 · 500 credits" : "4K 1:1 · 500 点");
  }
  expect(discord.violations).toEqual([]);
});

test("passes on what the form says: options, more references, and a file named as the mask", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  const form = await formFor(room, ana, discord.say(ana, "", { files: [file("cat.png")] }));
  const images = [file("hat.png"), file("my-mask.png")];
  const values = { prompt: "add a hat", size: "2K 16:9", quality: "high", count: "2", images };
  const asked = await submitted(room, ana, form, values);
  expect(asked?.draft).toMatchObject({ prompt: "add a hat", size: "2K 16:9", quality: "high", count: 2 });
  expect(asked?.draft?.images?.map(({ filename }) => filename)).toEqual(["cat.png", "hat.png"]);
  expect(asked?.draft?.mask?.filename).toBe("my-mask.png");
});

test("edits the bot's own job where the message shows one, by the store or by the message's own buttons", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  const { messages = [] } = await room.bot.deliver(delivery);
  const [result] = room.discord.messages(room.discord.general) as [FakeMessage];
  room.usecases.move("job1", delivery.job); // the store does not know yet where the images were posted
  const early = await formFor(room, user, result);
  expect(await submitted(room, user, early, { prompt: "blue" })).toMatchObject({ what: "edit", of: { job: "job1" } });
  room.usecases.records.messages.set("job1", messages);
  Object.assign(result, { components: result.components.filter(({ type }) => type === 12) });
  const form = await formFor(room, user, result);
  expect(await submitted(room, user, form, { prompt: "blue" })).toMatchObject({ what: "edit", of: { job: "job1" } });
});

test("edits the images alone where the job behind them is gone, or not for this member to see", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  room.usecases.jobs.delete("job1");
  const form = await formFor(room, user, room.discord.messages(room.discord.general)[0] as FakeMessage);
  const asked = await submitted(room, user, form, { prompt: "blue" });
  expect(asked).toMatchObject({ what: "imagine", draft: { images: [{ filename: "job1-1.png" }] } });
});

test("finds images in previews of links, galleries and forwarded messages", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  const image = { url: "https://example.com/a.png", proxy_url: "https://images-ext-1.discordapp.net/a.png" };
  const linked = discord.say(ana, "https://example.com/a", { embeds: [{ type: "article", thumbnail: image }] });
  const forwarding = discord.say(ana, "", { forwards: discord.say(ana, "", { files: [file("far.webp")] }) });
  const { delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  const gallery = discord.messages(discord.general).at(-1) as FakeMessage;
  const found = [];
  for (const message of [linked, forwarding, gallery]) {
    const form = await formFor(room, ana, message);
    const asked = await submitted(room, ana, form, { prompt: "blue" });
    found.push(asked?.draft?.images?.map(({ source }) => ("url" in source ? new URL(source.url).pathname : "")));
  }
  expect(found).toEqual([["/a.png"], [expect.stringContaining("far.webp")], [expect.stringContaining("job1-1.png")]]);
});

test("composes sixteen references: those of the message, then those of the form", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  const files = (count: number, name: string) => Array.from({ length: count }, (_, at) => file(`${name}${at}.png`));
  const form = await formFor(room, ana, discord.say(ana, "", { files: files(6, "a") }));
  const asked = await submitted(room, ana, form, { prompt: "a collage", images: files(10, "b") });
  expect(asked?.draft?.images).toHaveLength(16);
  expect(asked?.draft?.images?.[15]?.filename).toBe("b9.png");
  expect(discord.violations).toEqual([]);
});

test("says at once that a message has no image", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  const chosen = discord.choose(ana, discord.say(ana, "hello", { files: [file("notes.txt")] }), "Edit image");
  expect(await room.reads(chosen, "is not an image")).toContain("notes.txt");
  const empty = discord.choose(ana, discord.say(ana, "hello"), "Edit image");
  expect(await room.reads(empty, "No image there")).toContain("no image to edit");
  expect(chosen.reply?.ephemeral).toBe(true);
  expect(discord.violations).toEqual([]);
});

test("asks to run it again when the bot forgot what the form was for", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  const form = await formFor(room, ana, discord.say(ana, "", { files: [file("cat.png")] }));
  await room.context.cache.delete(`discord:edit-message:${form.id}`);
  await room.reads(discord.submitModal(ana, form, { prompt: "blue" }), "run it again");
  expect(room.usecases.asked).toEqual([]);
});

test("works in direct messages and where only the member brought the bot along", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  for (const channel of [discord.direct(ana), discord.channel(), discord.channel(discord.guild(false))]) {
    const form = await formFor(room, ana, discord.say(ana, "", { files: [file("cat.png")], channel }));
    await submitted(room, ana, form, { prompt: "blue" });
  }
  expect(room.usecases.asked).toHaveLength(3);
  expect(discord.violations).toEqual([]);
});
