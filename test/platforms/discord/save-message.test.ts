import { expect, test } from "vitest";
import type { FakeMessage, FakeUser } from "../../support/discord/discord.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

const file = (name: string) => ({ name, bytes: Buffer.from(name) });

async function formFor({ discord }: TestPlatform, user: FakeUser, message: FakeMessage, locale = "en-US") {
  const chosen = discord.choose(user, message, "Save image as…", { locale });
  await discord.until(() => chosen.modal, "the form");
  return chosen;
}

test("asks for a name, which image, for whom, and nothing of how to draw, in the member's language", async () => {
  const room = await openRoom();
  const { discord } = room;
  const message = discord.say(discord.user("ben"), "", { files: [file("cat.png")] });
  for (const [locale, title] of [
    ["en-US", "Save an image under a name, for prompts to"],
    ["zh-CN", "以名称保存一张图片，供提示词作起点"],
  ] as const) {
    const { modal } = await formFor(room, discord.user("ana"), message, locale);
    expect(modal?.title).toContain(title);
    const parts = modal?.components.map((label) => ("component" in label ? label.component : undefined));
    expect(parts?.map((part) => part?.custom_id)).toEqual(["name", "number", "shared", "images"]);
  }
  expect(discord.violations).toEqual([]);
});

test("saves one of the images that another member posted, by its number", async () => {
  const room = await openRoom();
  const { discord, usecases } = room;
  const ana = discord.user("ana");
  const posted = discord.say(discord.user("ben"), "", { files: [file("cat.png"), file("dog.png"), file("notes.txt")] });
  const form = await formFor(room, ana, posted);
  expect(JSON.stringify(form.modal)).toContain("Left out, because it is not an image: notes.txt");
  await room.reads(discord.submitModal(ana, form, { name: "dog", number: "2" }), "Saved: \\@dog");
  const [saved] = usecases.references.saves;
  expect(saved).toMatchObject({ name: "dog", number: 2, of: undefined });
  expect(saved?.images?.map(({ filename }) => filename)).toEqual(["cat.png", "dog.png"]);
  expect(usecases.asked).toEqual([]);
});

test("saves an image of the bot's own job where the message shows one", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  const [result] = room.discord.messages(room.discord.general) as [FakeMessage];
  room.usecases.move("job1", delivery.job);
  const form = await formFor(room, user, result);
  await room.reads(room.discord.submitModal(user, form, { name: "fox" }), "Saved: \\@fox");
  expect(room.usecases.references.saves).toMatchObject([{ name: "fox", of: { job: "job1" }, images: undefined }]);
});

test("says at once that a message has no image", async () => {
  const room = await openRoom();
  const { discord } = room;
  const ana = discord.user("ana");
  const chosen = discord.choose(ana, discord.say(ana, "hello"), "Save image as…");
  expect(await room.reads(chosen, "No image there")).toContain("That message has no image to save.");
  const chinese = discord.choose(ana, discord.say(ana, "hello"), "Save image as…", { locale: "zh-CN" });
  await room.reads(chinese, "该消息中没有可保存的图片。");
});
