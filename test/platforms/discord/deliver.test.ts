import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DeliveryDelayed } from "../../../src/contract/delivery.ts";
import { buttonsOf } from "../../support/discord/member.ts";
import { failedJob, finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

test("posts the images as a normal message that names the member, the prompt and the facts", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room, { values: { count: 2 }, sizes: [2000, 3000] });
  const delivered = await room.bot.deliver(delivery);
  const [message] = room.discord.messages(room.discord.general);
  const key = `discord:${room.discord.general.id}:${message?.id}`;
  expect(delivered).toEqual({ route: "channel", message: key, messages: [key] });
  expect(message?.content).toBe(
    `<@${user.id}>\n\`\`\`\na red bicycle\n\`\`\`\n-# 2 images · 2048x1152 · high · png · sandbox · 250 credits · 21 s`,
  );
  expect(message?.attachments.map(({ filename }) => filename)).toEqual(["job1-1.png", "job1-2.png"]);
  expect(message?.attachments.map(({ description }) => description)).toEqual(
    Array(2).fill("Generated image: a red bicycle"),
  );
  expect(room.discord.violations).toEqual([]);
});

test("uploads exactly the bytes that the spool holds", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room, { sizes: [3_000_000] });
  await room.bot.deliver(delivery);
  const [image] = delivery.job.images;
  const stored = await room.context.fit(image as never, { bytes: 10_000_000, formats: ["png"] });
  const [message] = room.discord.messages(room.discord.general);
  expect(message?.attachments[0]?.bytes.equals(await readFile(stored.path))).toBe(true);
});

test("edits the private acknowledgement to the done card, without a button", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room);
  expect(buttonsOf(interaction.reply as never)).toHaveLength(1);
  await room.bot.deliver(delivery);
  expect(await room.reads(interaction, "Done")).toContain("Charged: 125 credits");
  expect(buttonsOf(interaction.reply as never)).toEqual([]);
});

test("offers Again, Vary, Edit, Upscale, Save as style, Save image as…, Describe and Delete under a single image", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  const [message] = room.discord.messages(room.discord.general);
  expect(buttonsOf(message as never).map(({ label, custom_id }) => [label, custom_id])).toEqual([
    ["Again", "again:job1"],
    ["Vary", "vary:job1:0"],
    ["Edit", "edit:job1:0"],
    ["Upscale", "upscale:job1:0"],
    ["Save as style", "style-save:job1:0"],
    ["Save image as…", "reference-save:job1:0"],
    ["Describe", "describe:job1"],
    ["Delete", "remove:job1"],
  ]);
});

test("numbers the buttons of several images, and gives ten images two messages with buttons for each", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room, { values: { count: 10 }, sizes: Array(10).fill(2000) });
  await room.bot.deliver(delivery);
  const [first, last] = room.discord.messages(room.discord.general);
  expect([first?.attachments.length, last?.attachments.length]).toEqual([5, 5]);
  expect(buttonsOf(first as never).map(({ label }) => label)).not.toContain("Again");
  expect(buttonsOf(last as never).map(({ custom_id }) => custom_id)).toContain("upscale:job1:9");
  expect(buttonsOf(last as never).map(({ label }) => label)).toContain("Vary 10");
  expect(buttonsOf(last as never).map(({ custom_id }) => custom_id)).toContain("reference-save:job1");
  expect(last?.content).toMatch(/^-# 10 images/);
  expect(room.discord.violations).toEqual([]);
});

test("offers Final first under drafts, for each image, within what a message holds", async () => {
  const room = await openRoom();
  const one = await finishedJob(room);
  await room.bot.deliver({ ...one.delivery, job: { ...one.delivery.job, offersFinal: true } });
  const [message] = room.discord.messages(room.discord.general);
  expect(buttonsOf(message as never).map(({ custom_id }) => custom_id)).toEqual([
    ...["final:job1:0", "again:job1", "vary:job1:0", "edit:job1:0", "upscale:job1:0"],
    ...["style-save:job1:0", "reference-save:job1:0", "describe:job1", "remove:job1"],
  ]);
  const many = await finishedJob(room, { values: { count: 10 }, sizes: Array(10).fill(2000) });
  await room.bot.deliver({ ...many.delivery, job: { ...many.delivery.job, offersFinal: true } });
  const last = room.discord.messages(room.discord.general).at(-1);
  const labels = buttonsOf(last as never).map(({ label }) => label);
  expect(labels.slice(0, 5)).toEqual([6, 7, 8, 9, 10].map((number) => `Final ${number}`));
  expect(room.discord.violations).toEqual([]);
});

test("splits what is over 25 MiB into messages that keep every byte", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room, { values: { count: 3 }, sizes: Array(3).fill(9_500_000) });
  await room.bot.deliver(delivery);
  const messages = room.discord.messages(room.discord.general);
  expect(messages.map(({ attachments }) => attachments.map(({ size }) => size))).toEqual([
    [9_500_000, 9_500_000],
    [9_500_000],
  ]);
  expect(room.discord.violations).toEqual([]);
});

test("fits a file that is over 10 MiB before it is sent", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room, { sizes: [12_000_000] });
  await room.bot.deliver(delivery);
  const [message] = room.discord.messages(room.discord.general);
  expect(message?.attachments[0]).toMatchObject({ filename: "job1-1.jpg", size: 10 * 1024 * 1024 });
  expect(room.discord.requests.filter(({ status }) => status === 413)).toEqual([]);
});

test("sends smaller files when Discord's limit turns out to be lower", async () => {
  const room = await openRoom();
  room.discord.state.fileLimit = 3_000_000;
  const { delivery } = await finishedJob(room, { sizes: [9_000_000] });
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
  const [message] = room.discord.messages(room.discord.general);
  expect(message?.attachments[0]?.size).toBe(9_000_000 / 4);
});

test("shrinks only the message that Discord found too large", async () => {
  const room = await openRoom();
  room.discord.state.fileLimit = 9_600_000;
  const { delivery } = await finishedJob(room, { values: { count: 3 }, sizes: [9_500_000, 9_500_000, 9_900_000] });
  await room.bot.deliver(delivery);
  const messages = room.discord.messages(room.discord.general);
  expect(messages.map(({ attachments }) => attachments.map(({ size }) => size))).toEqual([
    [9_500_000, 9_500_000],
    [9_900_000 / 2],
  ]);
});

test("says that the service made fewer images than asked", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room, { values: { count: 3 } });
  await room.bot.deliver(delivery);
  expect(room.discord.messages(room.discord.general)[0]?.content).toContain("1 of 3 images");
});

test("speaks the language of the job", async () => {
  const room = await openRoom();
  const { delivery, interaction } = await finishedJob(room, { where: { locale: "zh-CN" } });
  await room.bot.deliver(delivery);
  expect(buttonsOf(room.discord.messages(room.discord.general)[0] as never)[0]?.label).toBe("再来一次");
  expect(await room.reads(interaction, "完成")).toContain("收费 125 点");
});

test("delivers from the place alone, in a process that has never seen the gateway", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room);
  await room.bot.stop();
  const worker = room.another();
  await expect(worker.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
  await room.reads(interaction, "Done");
  expect(room.discord.gateway.connected).toBe(0);
});

test("shows a private result in the acknowledgement alone", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room, { values: { private: true } });
  const delivered = await room.bot.deliver(delivery);
  expect(delivered.route).toBe("private");
  expect(interaction.reply?.attachments).toHaveLength(1);
  expect(buttonsOf(interaction.reply as never).map(({ label }) => label)).toContain("Vary");
  expect(room.discord.messages(room.discord.general)).toEqual([]);
});

test("shows one private result however often it is delivered", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room, {
    values: { private: true, count: 10 },
    sizes: Array(10).fill(9_000_000),
  });
  await room.bot.deliver(delivery);
  await room.bot.deliver({ ...delivery, repeated: true });
  expect(interaction.reply?.attachments).toHaveLength(10);
  expect(interaction.followUps).toEqual([]);
  expect(room.discord.violations).toEqual([]);
});

test("sends a private result by direct message once the token is dead, without trying the token", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room, { values: { private: true } });
  room.world.advance(14 * 60_000);
  room.discord.advance(16 * 60_000);
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "direct" });
  expect(room.discord.messages(room.discord.direct(user))[0]?.attachments).toHaveLength(1);
  expect(room.discord.invalidRequests).toBe(0);
  expect(room.discord.violations).toEqual([]);
});

test.each([
  ["may not write", (room: TestPlatform) => (room.discord.general.may.send = false)],
  ["may not look", (room: TestPlatform) => (room.discord.general.may.view = false)],
  ["finds no channel", (room: TestPlatform) => (room.discord.general.deleted = true)],
])("answers through the interaction where the bot %s", async (_, close) => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room);
  close(room);
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
  expect(interaction.followUps).toMatchObject([{ ephemeral: false, attachments: [{ filename: "job1-1.png" }] }]);
  expect(room.discord.invalidRequests).toBeLessThanOrEqual(1);
});

test("writes to the member when neither channel nor token are open, and gives up when they take no messages", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  room.discord.general.may.send = false;
  room.world.advance(14 * 60_000);
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "direct" });
  user.dmsClosed = true;
  await expect(room.bot.deliver(delivery)).resolves.toEqual({ route: "none" });
  expect(room.discord.violations).toEqual([]);
});

test("never asks for a channel that only the member brought the bot to", async () => {
  const room = await openRoom();
  const channel = room.discord.channel(room.discord.guild(false));
  const { interaction, delivery } = await finishedJob(room, { where: { channel } });
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
  expect(interaction.followUps).toHaveLength(1);
  expect(room.discord.invalidRequests).toBe(0);
});

test("does not repeat a follow-up whose fate is unknown, but shows the images in the acknowledgement", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room, { where: { channel: room.discord.channel() } });
  room.discord.fail({ method: "POST", path: /^\/webhooks/, status: 502, afterStoring: true });
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  await expect(room.bot.deliver({ ...delivery, repeated: true })).resolves.toMatchObject({ route: "private" });
  expect(interaction.followUps).toHaveLength(1);
  expect(interaction.reply?.attachments).toHaveLength(1);
});

test("does not use a token again that Discord has forgotten early", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room);
  room.discord.general.may.send = false;
  room.discord.fail({ method: "POST", path: /^\/webhooks/, status: 404, code: 10015 });
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "direct" });
  expect(interaction.reply?.edits).toBe(1);
  expect(room.discord.requests.filter(({ path }) => path.startsWith("/webhooks"))).toHaveLength(2);
});

test("tells a failure in the acknowledgement, with the prompt and Try again", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await failedJob(room);
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "private" });
  const words = await room.reads(interaction, "No image this time");
  expect(words).toContain("You were not charged");
  expect(words).toContain("```\na red bicycle\n```");
  expect(buttonsOf(interaction.reply as never)).toMatchObject([{ custom_id: "again:job1" }]);
  expect(room.discord.messages(room.discord.general)).toEqual([]);
});

test("tells a failure by direct message once the token is dead, and only once", async () => {
  const room = await openRoom();
  const { user, delivery } = await failedJob(room);
  room.world.advance(14 * 60_000);
  room.discord.fail({ method: "POST", path: /messages$/, status: 500, afterStoring: true });
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  room.discord.advance(20 * 60_000);
  await expect(room.bot.deliver({ ...delivery, repeated: true })).resolves.toMatchObject({ route: "direct" });
  expect(room.discord.messages(room.discord.direct(user))).toMatchObject([
    { content: expect.stringContaining("No image") },
  ]);
});

test("stores the interaction token sealed, and keeps it out of every error and log line", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room, { values: { private: true } });
  room.discord.fail({ method: "PATCH", path: /^\/webhooks/, status: 500, times: 2 });
  const error = await room.bot.deliver(delivery).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(DeliveryDelayed);
  room.discord.fail({ method: "PATCH", path: /^\/webhooks/, status: 404, code: 10015 });
  await room.bot.deliver(delivery);
  const said = JSON.stringify([
    delivery.replyTarget,
    room.log.lines,
    Object.entries(error),
    error.stack,
    String(error.cause),
  ]);
  expect(said).not.toContain(interaction.token);
  expect(room.log.lines.map(({ message }) => message)).toContain("discord: an acknowledgement is out of reach");
});
