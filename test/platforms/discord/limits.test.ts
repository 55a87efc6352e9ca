import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Delivery } from "../../../src/contract/delivery.ts";
import { type Finished, finishedJob } from "./finished.ts";
import { openRoom } from "./test-platform.ts";

const tooLarge = ({ status }: { status: number }) => status === 413;

test("begins with what Discord promises for the place", async () => {
  const room = await openRoom();
  room.discord.state.promisedLimit = 20_000_000;
  room.discord.state.fileLimit = 20_000_000;
  const { delivery } = await finishedJob(room, { sizes: [15_000_000] });
  await room.bot.deliver(delivery);
  expect(room.discord.messages(room.discord.general)[0]?.attachments[0]?.size).toBe(15_000_000);
});

test("learns that a promise was too high, and remembers it for the server and not for others", async () => {
  const room = await openRoom();
  room.discord.state.promisedLimit = 500_000_000;
  const first = await finishedJob(room, { sizes: [15_000_000] });
  await room.bot.deliver(first.delivery);
  const { requests } = room.discord;
  expect(requests.filter(tooLarge)).toHaveLength(1);
  const second = await finishedJob(room, { sizes: [15_000_000] });
  await room.bot.deliver(second.delivery);
  expect(requests.filter(tooLarge)).toHaveLength(1);
  const sizes = room.discord.messages(room.discord.general).map(({ attachments }) => attachments[0]?.size);
  expect(sizes).toEqual([10 * 1024 * 1024, 10 * 1024 * 1024]);
  const elsewhere = await finishedJob(room, {
    sizes: [15_000_000],
    where: { channel: room.discord.channel(room.discord.guild()) },
  });
  await room.bot.deliver(elsewhere.delivery);
  expect(requests.filter(tooLarge)).toHaveLength(2);
});

test("tells the member that an image was made smaller, with a link to the image itself", async () => {
  const room = await openRoom();
  Object.assign(room.context, { linkTo: (job: string, index: number) => `https://atelier.test/i/${job}/${index}` });
  const { delivery } = await finishedJob(room, { values: { count: 2 }, sizes: [2000, 12_000_000] });
  await room.bot.deliver(delivery);
  expect(room.discord.messages(room.discord.general)[0]?.content).toContain(
    "1 image was too large for Discord and made smaller. Original: [2](https://atelier.test/i/job1/1)",
  );
});

/** The same images as if a model had animated them. */
function animated({ delivery }: Finished): Delivery {
  const images = delivery.job.images.map((image) => ({ ...image, format: "gif" }) as const);
  return { ...delivery, job: { ...delivery.job, images } };
}

test("posts an animation byte for byte, and says of one that is too large that its first frame is shown", async () => {
  const room = await openRoom();
  Object.assign(room.context, { linkTo: (job: string, index: number) => `https://atelier.test/i/${job}/${index}` });
  const delivery = animated(await finishedJob(room, { values: { count: 2 }, sizes: [9_000_000, 12_000_000] }));
  await room.bot.deliver(delivery);
  const messages = room.discord.messages(room.discord.general);
  const [whole] = messages.flatMap(({ attachments }) => attachments);
  const spool = await room.context.fit(delivery.job.images[0] ?? expect.fail(), { bytes: 9_000_000, formats: ["gif"] });
  expect(whole).toMatchObject({ filename: "job1-1.gif" });
  expect(whole?.bytes.equals(await readFile(spool.path))).toBe(true);
  const content = messages.map((message) => message.content).join("\n");
  expect(content).toContain(
    "1 animation was too large for Discord: only the first frame is shown. Original: [2](https://atelier.test/i/job1/1)",
  );
  expect(content).not.toContain("made smaller");
});

test("does not fail a paid job over an image that Discord takes at no size: it goes another way", async () => {
  const room = await openRoom();
  room.discord.state.fileLimit = 1000;
  const { delivery } = await finishedJob(room, { sizes: [9_000_000] });
  await expect(room.bot.deliver(delivery)).resolves.toEqual({ route: "none" });
  expect(room.discord.requests.filter(tooLarge).length).toBeLessThan(20);
});

test("takes files apart into more messages before it makes them smaller", async () => {
  const room = await openRoom();
  room.discord.state.promisedLimit = 500_000_000;
  room.discord.state.fileLimit = 24_000_000;
  const { delivery } = await finishedJob(room, { values: { count: 2 }, sizes: [20_000_000, 20_000_000] });
  await room.bot.deliver(delivery);
  const sizes = room.discord.messages(room.discord.general).map(({ attachments }) => attachments[0]?.size);
  expect(sizes).toEqual([20_000_000, 20_000_000]);
});
