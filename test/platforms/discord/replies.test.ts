import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import type { FakeMessage } from "../../support/discord/discord.ts";
import { buttonsOf } from "../../support/discord/member.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

/** A job whose images stand in the general channel, and are known to the use cases. */
async function posted(room: TestPlatform, given: Parameters<typeof finishedJob>[1] = {}) {
  const { user, delivery, interaction } = await finishedJob(room, given);
  const { messages = [] } = await room.bot.deliver(delivery);
  room.usecases.move(delivery.job.id, delivery.job);
  room.usecases.records.messages.set(delivery.job.id, messages);
  const [result] = room.discord.messages(room.discord.general);
  return { user, interaction, result: result as FakeMessage, job: delivery.job };
}

test("deletes every message of a job by its button, and says so to the member alone", async () => {
  const room = await openRoom();
  const { user, result } = await posted(room, { values: { count: 6 }, sizes: Array(6).fill(2000) });
  const last = room.discord.messages(room.discord.general).at(-1) as FakeMessage;
  expect(last).not.toBe(result);
  const pressed = room.discord.press(user, last, "Delete");
  await room.discord.until(() => pressed.followUps.length === 1, "the word");
  expect(room.discord.messages(room.discord.general)).toEqual([]);
  expect(pressed.followUps).toMatchObject([{ ephemeral: true, content: expect.stringContaining("Deleted") }]);
  expect(room.discord.violations).toEqual([]);
});

test("deletes a result that the interaction posted, where the bot is no member", async () => {
  const room = await openRoom();
  const channel = room.discord.channel(room.discord.guild(false));
  const { user, delivery } = await finishedJob(room, { where: { channel } });
  const { messages = [] } = await room.bot.deliver(delivery);
  room.usecases.records.messages.set("job1", messages);
  const [result] = room.discord.messages(channel);
  const pressed = room.discord.press(user, result as FakeMessage, "Delete");
  await room.discord.until(() => pressed.followUps.length === 1, "the word");
  expect(room.discord.messages(channel)).toEqual([]);
  expect(room.discord.invalidRequests).toBe(0);
});

test("leaves the messages in place when deleting is refused", async () => {
  const room = await openRoom();
  const { result } = await posted(room);
  const stranger = room.discord.user("ben");
  room.usecases.records.remove = async () => Promise.reject(new Refusal("job-not-yours", {}));
  Object.assign(room.usecases, { remove: room.usecases.records.remove });
  const pressed = room.discord.press(stranger, result, "Delete");
  await room.discord.until(() => pressed.followUps.length === 1, "the refusal");
  expect(pressed.followUps[0]?.content).toContain("belongs to somebody else");
  expect(room.discord.messages(room.discord.general)).toEqual([result]);
});

test("asks before a button that is dear, and goes on with the button of that question", async () => {
  const room = await openRoom();
  const { user, result } = await posted(room);
  room.usecases.asksAbove = 100;
  const pressed = room.discord.press(user, result, "Vary");
  await room.reads(pressed, "125 credits");
  expect(room.usecases.asked).toHaveLength(1);
  const [yes] = buttonsOf(pressed.reply as FakeMessage);
  const confirmed = room.discord.press(user, pressed.reply as FakeMessage, yes?.label ?? "");
  await room.reads(confirmed, "Waiting");
  expect(confirmed.reply).toBe(pressed.reply);
  expect(room.usecases.asked.at(-1)).toMatchObject({ what: "vary", of: { job: "job1", index: 0 } });
});

test("shows the history with a small picture and buttons for each job, within Discord's limits", async () => {
  const room = await openRoom();
  for (let step = 0; step < 6; step += 1) await posted(room, { values: { prompt: `picture ${step} **@everyone**` } });
  await posted(room, { values: { prompt: "x".repeat(6000) } });
  const asked = room.discord.command(room.discord.user("ana"), "history");
  await room.reads(asked, "Your images");
  const labels = buttonsOf(asked.reply as FakeMessage).map(({ label }) => label);
  expect(labels.filter((label) => label === "Show").length).toBeGreaterThanOrEqual(4);
  expect(asked.reply?.attachments.length).toBe(labels.filter((label) => label === "Show").length);
  expect(asked.reply?.content).toContain("\\*\\*\\@everyone\\*\\*");
  expect(room.discord.violations).toEqual([]);
});

test("says in the history that of a large animation the first frame is shown", async () => {
  const room = await openRoom();
  const { user } = await posted(room, { sizes: [500_000] });
  for (const job of room.usecases.jobs.values())
    for (const image of job.images) Object.assign(image, { format: "gif" });
  const listed = room.discord.command(user, "history");
  expect(await room.reads(listed, "Your images")).toContain("Animation: only its first frame is shown here.");
});

test("shows a job of the history again, privately and with all its buttons", async () => {
  const room = await openRoom();
  const { user } = await posted(room, { values: { count: 10 }, sizes: Array(10).fill(2000) });
  const listed = room.discord.command(user, "history");
  await room.reads(listed, "Your images");
  const shown = room.discord.press(user, listed.reply as FakeMessage, "Show");
  await room.discord.until(() => shown.reply?.attachments.length === 10, "the images");
  expect(shown.reply?.ephemeral).toBe(true);
  expect(buttonsOf(shown.reply as FakeMessage).map(({ label }) => label)).toContain("Upscale 10");
  expect(listed.reply?.attachments).toHaveLength(1);
  expect(room.discord.violations).toEqual([]);
});

test("hands out a member's data as files, in as many private messages as it takes, and says what does not fit", async () => {
  const room = await openRoom();
  const folder = await mkdtemp(path.join(tmpdir(), "atelier-images-"));
  const scratch = await mkdtemp(path.join(tmpdir(), "atelier-scratch-"));
  vi.stubEnv("TMPDIR", scratch);
  onTestFinished(() => void vi.unstubAllEnvs());
  const sizes = [9_000_000, 9_000_000, 9_000_000, 30_000_000, 1000];
  const images = await Promise.all(
    sizes.map(async (bytes, index) => {
      const file = path.join(folder, `${index}.png`);
      await writeFile(file, Buffer.alloc(bytes));
      return { name: `${index}.png`, path: file, bytes };
    }),
  );
  Object.assign(room.usecases, { exportData: async () => ({ document: ['{"jobs":', "[]}"], images }) });
  const asked = room.discord.command(room.discord.user("ana"), "privacy export");
  await room.discord.until(() => asked.followUps.length === 2, "the images");
  expect(asked.reply?.attachments).toMatchObject([
    { filename: "atelier-data.json", bytes: Buffer.from('{"jobs":[]}') },
  ]);
  expect(asked.reply?.content).toContain("1 image does not fit");
  expect(asked.followUps.map(({ attachments }) => attachments.map(({ size }) => size))).toEqual([
    [9_000_000, 9_000_000],
    [9_000_000, 1000],
  ]);
  expect(asked.followUps.every(({ ephemeral }) => ephemeral)).toBe(true);
  expect(await readdir(scratch)).toEqual([]);
  expect(room.discord.violations).toEqual([]);
});

test("runs a button that stands on no job", async () => {
  const room = await openRoom();
  const ana = room.discord.user("ana");
  const asked = room.discord.command(ana, "privacy delete");
  await room.reads(asked, "Delete everything?");
  const pressed = room.discord.press(ana, asked.reply as FakeMessage, "Delete everything");
  await room.reads(pressed, "Deleted");
});
