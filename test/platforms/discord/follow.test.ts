import { expect, test } from "vitest";
import type { JobView } from "../../../src/contract/usecases.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

async function waitingJob(room: TestPlatform) {
  const asked = room.discord.command(room.discord.user("ana"), "imagine", { prompt: "a" });
  await room.reads(asked, "number 2 in the queue");
  await room.discord.until(() => room.usecases.watching === 1, "somebody watching");
  return asked;
}

/** Somebody else's command, answered: time enough for an edit to arrive that should not come. */
async function elsewhere({ discord, reads }: TestPlatform): Promise<void> {
  await reads(discord.command(discord.user("ben"), "credits"), "available");
}

test("shows the way through the queue with at most one edit in two seconds, skipping what was overtaken", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  room.usecases.move("job1", { position: 1 });
  await elsewhere(room);
  room.world.advance(1999);
  room.usecases.move("job1", { state: "running" });
  await elsewhere(room);
  expect(asked.reply?.edits).toBe(1);
  room.world.advance(1);
  await room.reads(asked, "Drawing");
  expect(asked.reply?.edits).toBe(2);
});

test("does not edit what would look the same", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  room.usecases.move("job1", { startedAt: 5 });
  await elsewhere(room);
  room.world.advance(2000);
  await elsewhere(room);
  expect(asked.reply?.edits).toBe(1);
  room.usecases.move("job1", { state: "running" });
  await room.reads(asked, "Drawing");
  expect(asked.reply?.edits).toBe(2);
});

test("leaves the last word to the delivery", async () => {
  const room = await openRoom();
  const { interaction, delivery } = await finishedJob(room);
  room.world.advance(60_000);
  expect(interaction.reply?.edits).toBe(1);
  await room.bot.deliver(delivery);
  room.world.advance(60_000);
  await room.bot.stop();
  expect(interaction.reply).toMatchObject({ edits: 2, content: expect.stringContaining("Done") });
});

test("shows nothing old when another process delivered during the pause", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  room.usecases.move("job1", { state: "running" });
  const job = room.usecases.jobs.get("job1");
  room.usecases.jobs.set("job1", { ...job, state: "delivered" } as never);
  room.world.advance(2000);
  await room.bot.stop();
  expect(asked.reply?.edits).toBe(1);
});

test("puts right what it shows when another process told of the failure while its own edit was on the way", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  const job = room.usecases.jobs.get("job1") as JobView;
  const running = { ...job, state: "running" } as const;
  const failed = { ...job, state: "failed", failure: { outcome: "unknown", reference: "job1" } } as const;
  Object.assign(room.usecases, { job: async () => ((asked.reply?.edits ?? 0) < 2 ? running : failed) });
  room.usecases.move("job1", { state: "running" });
  room.world.advance(2000);
  await room.reads(asked, "cannot tell");
  expect(asked.reply?.edits).toBe(3);
});

/** A message's job whose images land just before an edit of its progress, or between that edit and the look after it. */
async function racing(room: TestPlatform, deliverBeforeEdit: boolean) {
  const { discord, usecases } = room;
  const asked = discord.say(discord.user("ana"), `${discord.mention} a cat`);
  const answer = () => discord.messages(discord.general).find(({ replyTo }) => replyTo === asked);
  await discord.until(() => answer()?.content.includes("number 2 in the queue"), "the answer");
  await discord.until(() => usecases.watching === 1, "somebody watching");
  const job = usecases.jobs.get("job1") as JobView;
  const done = { ...job, state: "delivered", images: [await room.image()], charged: 125 } as const;
  const replyTarget = usecases.asked.at(-1)?.caller.replyTarget ?? "";
  const deliver = async () => {
    const delivery = { job: done, replyTarget, nonce: "n", repeated: false, spoiler: false };
    const { messages = [] } = await room.bot.deliver(delivery);
    usecases.records.messages.set("job1", messages);
  };
  let looks = 0;
  let sawEnd: (value?: unknown) => void = () => undefined;
  const end = new Promise((resolve) => {
    sawEnd = resolve;
  });
  Object.assign(usecases, {
    job: async () => {
      looks += 1;
      if (looks === 1) return { ...job, state: "running" };
      if (looks === 2 && !deliverBeforeEdit) await deliver();
      sawEnd();
      return done;
    },
  });
  if (deliverBeforeEdit) await deliver();
  usecases.move("job1", { state: "running" });
  room.world.advance(2000);
  await end;
  await room.bot.stop();
  return answer();
}

test("leaves images alone that landed between its edit and its look at the job", async () => {
  const shown = await racing(await openRoom(), false);
  expect(shown?.attachments).toHaveLength(1);
  expect(shown?.content).not.toContain("Drawing");
});

test("puts images back that its own edit came over", async () => {
  const shown = await racing(await openRoom(), true);
  expect(shown?.attachments).toHaveLength(1);
  expect(shown?.content).not.toContain("Drawing");
});

test("says that a job was cancelled, by whomever", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  room.usecases.move("job1", { state: "cancelled" });
  await room.reads(asked, "Cancelled");
  await room.discord.until(() => room.usecases.watching === 0, "nobody watching");
});

test("stops following 14 minutes after the command, and never touches the token again", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  room.discord.advance(15 * 60_000 + 1);
  room.world.advance(14 * 60_000);
  await room.discord.until(() => room.usecases.watching === 0, "nobody watching");
  room.usecases.move("job1", { state: "running" });
  room.world.advance(10_000);
  await room.bot.stop();
  expect(asked.reply?.edits).toBe(1);
  expect(room.discord.violations).toEqual([]);
});

test("goes on after an edit that failed", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  room.discord.fail({ method: "PATCH", path: /@original$/, status: 503, times: 2 });
  room.usecases.move("job1", { position: 1 });
  room.world.advance(2000);
  await room.discord.until(() => room.log.lines.some(({ level }) => level === "warn"), "the log line");
  room.usecases.move("job1", { state: "running" });
  room.world.advance(2000);
  await room.reads(asked, "Drawing");
});

test("stops when its message is gone", async () => {
  const room = await openRoom();
  await waitingJob(room);
  room.discord.fail({ method: "PATCH", path: /@original$/, status: 404, code: 10008 });
  room.usecases.move("job1", { state: "running" });
  room.world.advance(2000);
  await room.discord.until(() => room.usecases.watching === 0, "nobody watching");
  const edits = room.discord.requests.filter(({ method }) => method === "PATCH");
  expect(edits.map(({ status }) => status)).toEqual([200, 404]);
});

test("says when it will start and end in Discord's own clock, what is left, and how far it is", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  const at = Date.UTC(2026, 10, 20, 12) / 1000;
  room.usecases.move("job1", { position: 1, expected: { startAt: (at + 20) * 1000, endAt: (at + 60) * 1000 } });
  room.world.advance(2000);
  expect(await room.reads(asked, "next in the queue")).toContain(`Starts <t:${at + 20}:R>, ready <t:${at + 60}:R>`);
  expect(asked.reply?.content).toContain("750 credits left after it");
  room.usecases.move("job1", { state: "running", startedAt: at * 1000, progress: { percent: 40 } });
  room.world.advance(2000);
  expect(await room.reads(asked, "Drawing")).toContain(`Started <t:${at}:R>, ready <t:${at + 60}:R>, 40 %`);
});

test("shows what the image looks like so far, and takes it away at the end", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  const { file } = await room.image(5000);
  const preview = (await room.context.fit({ file, bytes: 5000 } as never, { bytes: 9000, formats: ["png"] })).path;
  room.usecases.move("job1", { state: "running", progress: { preview } });
  room.world.advance(2000);
  await room.discord.until(() => asked.reply?.attachments.length === 1, "the preview");
  expect(asked.reply?.attachments[0]?.size).toBe(5000);
  room.usecases.move("job1", { state: "cancelled" });
  await room.reads(asked, "Cancelled");
  expect(asked.reply?.attachments).toEqual([]);
  expect(room.discord.violations).toEqual([]);
});

test("goes on with words alone when a preview is gone", async () => {
  const room = await openRoom();
  const asked = await waitingJob(room);
  room.usecases.move("job1", { state: "running", progress: { preview: "/nowhere/preview.png" } });
  room.world.advance(2000);
  await room.reads(asked, "Drawing");
  expect(asked.reply?.attachments).toEqual([]);
});
