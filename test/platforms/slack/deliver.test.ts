import { afterEach, beforeEach, expect, it } from "vitest";
import { type Delivery, DeliveryDelayed } from "../../../src/contract/delivery.ts";
import type { JobView } from "../../../src/contract/usecases.ts";
import { createSlack } from "../../../src/platforms/slack/slack.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Json, SlackMessage } from "../../support/slack/state.ts";
import { memoryCache } from "../../support/world.ts";

let house: SlackHouse;

beforeEach(async () => {
  house = await slackHouse();
});
afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const buttonsOf = ({ blocks }: SlackMessage) =>
  blocks.flatMap((block) => (block.type === "actions" ? (block.elements as Json[]).map(({ value }) => value) : []));
const filesIn = ({ blocks }: SlackMessage) =>
  blocks.flatMap((block) => (block.type === "image" ? String((block.slack_file as Json).id) : []));

/** A job asked for in a channel, waiting there, and its delivery with `count` images. */
async function ask(line: string, channel = "C1") {
  await house.member().slash("/imagine", line, channel);
  const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
  return { message, place: house.usecases.starts[0]?.caller.replyTarget ?? "" };
}

async function delivery(place: string, count: number, change: Partial<JobView> = {}): Promise<Delivery> {
  const names = Array.from({ length: count }, (_, index) => `image-${index}.png`);
  const images = await Promise.all(names.map((name) => house.image(name)));
  const times = { startedAt: 1000, finishedAt: 13_000 };
  const job = house.usecases.push("job1", { state: "delivered", images, charged: 5 * count, ...times, ...change });
  return { job, replyTarget: place, nonce: "job1", repeated: false, spoiler: false };
}

it("turns the waiting message into the images, with their facts and buttons", async () => {
  const { message, place } = await ask("a red bicycle");
  const delivered = await house.platform.deliver(await delivery(place, 1));
  const key = `slack:T1:C1:${message.ts}`;
  expect(delivered).toEqual({ route: "channel", message: key, messages: [key] });
  expect(house.slack.messages).toEqual([message]);
  const [file] = filesIn(message);
  expect(house.slack.files.get(file ?? "")?.bytes?.toString("latin1")).toContain("image-0.png");
  expect(said(message)).toContain("*ada*: a red bicycle");
  expect(said(message)).toContain("Generated image: a red bicycle");
  expect(said(message)).toContain("1 image · auto · auto · png · sandbox · 5 credits · 12 s");
  const actions = "vary upscale edit style-save reference-save describe".split(" ");
  const ofImage = actions.map((command) => `${command}:job1:0`);
  expect(buttonsOf(message)).toEqual(["again:job1:", ...ofImage, "remove:job1:"]);
});

it("offers Final for each image of a draft", async () => {
  const { message, place } = await ask("a red bicycle --count 10");
  await house.platform.deliver(await delivery(place, 10, { offersFinal: true }));
  expect(buttonsOf(message).filter((value) => String(value).startsWith("final:"))).toHaveLength(10);
});

it("gives each of several images its own buttons, and says when there are fewer than asked", async () => {
  const { message, place } = await ask("a red bicycle --count 10");
  await house.platform.deliver(await delivery(place, 9));
  expect(filesIn(message)).toHaveLength(9);
  expect(buttonsOf(message)).toHaveLength(9 * 6 + 2);
  expect(said(message)).toContain("9 of 10 images");
});

it("has the last word although a word on the job's progress is still on its way", async () => {
  const { message, place } = await ask("a red bicycle");
  const slow = Promise.withResolvers<void>();
  house.slack.trouble("chat.update", { until: slow.promise });
  house.usecases.push("job1", { state: "running" });
  await house.slack.until(() => house.slack.held === 1);
  const failure = { outcome: "failed", reference: "r42" } as const;
  const delivering = house.platform.deliver(await delivery(place, 0, { state: "failed", failure }));
  await house.member().slash("/imagine-credits", ""); // time enough for a delivery that does not wait
  await house.slack.until(() => house.slack.whispers[0]);
  slow.resolve();
  await delivering;
  expect(message.looks.map((look) => said(look).includes("Drawing"))).toContain(true);
  expect(said(message)).toContain("You were not charged");
});

it("waits until Slack has finished an uploaded image", async () => {
  house.slack.filesNotReadyFor = 6;
  const { message, place } = await ask("a red bicycle");
  await house.platform.deliver(await delivery(place, 1));
  expect(filesIn(message)).toHaveLength(1);
  expect(house.slack.callsOf("files.completeUploadExternal")).toHaveLength(1);
});

it("completes an upload once more when Slack lost it, and gives up for now after that", async () => {
  house.slack.filesNotReadyFor = 1000;
  const { place } = await ask("a red bicycle");
  await expect(house.platform.deliver(await delivery(place, 1))).rejects.toThrow(DeliveryDelayed);
  expect(house.slack.callsOf("files.completeUploadExternal")).toHaveLength(2);
  expect(house.slack.callsOf("files.getUploadURLExternal")).toHaveLength(1);
});

it("never sends Slack a WebP image", async () => {
  const { message, place } = await ask("a red bicycle");
  const images = [await house.image("one.webp", "webp")];
  await house.platform.deliver(await delivery(place, 0, { images }));
  expect(house.slack.files.get(filesIn(message)[0] ?? "")?.filename).toBe("job1-1.jpg");
});

it("shows one message however often it is delivered, and uploads an image once", async () => {
  const { message, place } = await ask("a red bicycle");
  const what = await delivery(place, 2);
  const first = await house.platform.deliver(what);
  expect(await house.platform.deliver({ ...what, repeated: true })).toEqual(first);
  expect(house.slack.messages).toEqual([message]);
  expect(house.slack.callsOf("files.getUploadURLExternal")).toHaveLength(2);
});

it("delivers by the place alone, in a process that never connected and remembers nothing", async () => {
  const { message, place } = await ask("a red bicycle");
  const worker = createSlack(house.options, { ...house.context, cache: memoryCache() });
  expect(worker.ready()).toBe(false);
  await worker.deliver(await delivery(place, 1));
  expect(filesIn(message)).toHaveLength(1);
});

it("is repeated later when Slack asks to wait for long, and says how long", async () => {
  const { message, place } = await ask("a red bicycle");
  const what = await delivery(place, 1);
  house.slack.trouble("chat.update", { rateLimited: 40 });
  const delayed = await house.platform.deliver(what).catch((error: unknown) => error);
  expect(delayed).toBeInstanceOf(DeliveryDelayed);
  expect((delayed as DeliveryDelayed).retryAfterMs).toBe(40_000);
  house.context.world.advance(40_000);
  await house.platform.deliver({ ...what, repeated: true });
  expect(filesIn(message)).toHaveLength(1);
});

it("sends Slack a GIF as it is", async () => {
  const { message, place } = await ask("a red bicycle");
  const images = [await house.image("one.gif", "gif")];
  await house.platform.deliver(await delivery(place, 0, { images }));
  const file = house.slack.files.get(filesIn(message)[0] ?? "");
  expect(file?.filename).toBe("job1-1.gif");
  expect(file?.bytes?.toString("latin1")).toBe("GIF89a and then someone.gif");
  expect(said(message)).not.toContain("first frame");
});

it("says below an animation that Slack does not take that its first frame is shown, each time", async () => {
  const { message, place } = await ask("a red bicycle");
  const images = [await house.image("still.webp", "webp"), await house.image("moving.webp", "webp")];
  const what = await delivery(place, 0, { images });
  for (const _ of [1, 2]) {
    await house.platform.deliver(what);
    const kinds = message.blocks.map(
      (block) => `${block.type}${JSON.stringify(block).includes("first frame") ? "!" : ""}`,
    );
    expect(kinds).toEqual(["section", "image", "actions", "image", "context!", "actions", "context", "actions"]);
  }
});

it.each(["files.getUploadURLExternal", "files.completeUploadExternal", "files.info", "chat.update"])(
  "waits where it is when Slack asks to slow down at %s, and posts once",
  async (method) => {
    const { message, place } = await ask("a red bicycle");
    const what = await delivery(place, 2);
    house.slack.trouble(method, { rateLimited: 3 });
    await house.platform.deliver(what);
    expect(house.slack.messages).toEqual([message]);
    expect(filesIn(message)).toHaveLength(2);
  },
);

it("waits its turn for a new message, too", async () => {
  const { message, place } = await ask("a red bicycle");
  message.deleted = true;
  const what = await delivery(place, 1);
  house.slack.trouble("chat.postMessage", { rateLimited: 3 });
  await house.platform.deliver(what);
  expect(house.slack.messagesIn("C1").map(filesIn)).toEqual([[expect.any(String)]]);
});

it("puts a late result in the place of the news that there would be none", async () => {
  const { message, place } = await ask("a red bicycle");
  const failure = { outcome: "unknown", reference: "r42" } as const;
  const waitingNowhere = JSON.stringify({ ...JSON.parse(place), waiting: undefined });
  const news = await house.platform.deliver(await delivery(waitingNowhere, 0, { state: "failed", failure }));
  const worker = createSlack(house.options, { ...house.context, cache: memoryCache() });
  const late = { ...(await delivery(waitingNowhere, 1, { failure: undefined })), earlier: news.message };
  expect(await worker.deliver(late)).toMatchObject({ message: news.message });
  const [announced, ...others] = house.slack.messagesIn("C1").filter((seen) => seen !== message);
  expect(others).toEqual([]);
  expect(announced && filesIn(announced)).toHaveLength(1);
});

it("takes out of the channel what turns out to be private, and sends it to the member", async () => {
  const { message, place } = await ask("a red bicycle");
  const what = await delivery(place, 1);
  const request = { ...what.job.request, private: true };
  expect(await house.platform.deliver({ ...what, job: { ...what.job, request } })).toMatchObject({ route: "private" });
  expect(message.deleted).toBe(true);
  expect(house.slack.messagesIn("DU1").map(filesIn)).toEqual([[expect.any(String)]]);
});

it("describes every image for those who cannot see it", async () => {
  const { message, place } = await ask("a red bicycle");
  await house.platform.deliver(await delivery(place, 1));
  const [image] = message.blocks.filter(({ type }) => type === "image");
  expect(image?.alt_text).toBe("Generated image: a red bicycle");
  expect([...house.slack.files.values()][0]?.alt).toBe("Generated image: a red bicycle");
});

it.each([
  ["files.getUploadURLExternal", "before"],
  ["upload", "before"],
  ["files.completeUploadExternal", "after"],
  ["files.info", "before"],
  ["chat.update", "before"],
  ["chat.update", "after"],
] as const)("is repeated later when the connection breaks at %s, %s it was done", async (method, drop) => {
  const { message, place } = await ask("a red bicycle");
  const what = await delivery(place, 1);
  house.slack.trouble(method, { drop });
  await expect(house.platform.deliver(what)).rejects.toThrow(DeliveryDelayed);
  await house.platform.deliver({ ...what, repeated: true });
  expect(house.slack.messages).toEqual([message]);
  expect(filesIn(message)).toHaveLength(1);
});

it("posts a new message once when the waiting one is gone", async () => {
  const { message, place } = await ask("a red bicycle");
  message.deleted = true;
  const what = await delivery(place, 1);
  const first = await house.platform.deliver(what);
  expect(await house.platform.deliver({ ...what, repeated: true })).toEqual(first);
  const [fresh, ...others] = house.slack.messagesIn("C1");
  expect(others).toEqual([]);
  expect(fresh && filesIn(fresh)).toHaveLength(1);
});

it("sends the result to the member when the app was removed from the channel meanwhile", async () => {
  const { place } = await ask("a red bicycle");
  house.slack.channels.set("C1", false);
  const { route } = await house.platform.deliver(await delivery(place, 1));
  expect(route).toBe("direct");
  const [message] = house.slack.messagesIn("DU1");
  expect(message && filesIn(message)).toHaveLength(1);
  expect(message && said(message)).toContain("/invite");
});

it("keeps the word how to invite it above a result that went to the member", async () => {
  const { message, place } = await ask("a red bicycle", "G1");
  expect(await house.platform.deliver(await delivery(place, 1))).toMatchObject({ route: "direct" });
  expect(said(message)).toContain("<#G1>");
});

it("delivers a private result in a direct message", async () => {
  const { message, place } = await ask("a red bicycle --private");
  expect(await house.platform.deliver(await delivery(place, 1))).toMatchObject({ route: "private" });
  expect(message.channel).toBe("DU1");
  expect(said(message)).not.toContain("/invite");
});

it("says in the waiting message why there are no images", async () => {
  const { message, place } = await ask("a red bicycle");
  const failure = { outcome: "unknown", reference: "r42" } as const;
  const { route } = await house.platform.deliver(await delivery(place, 0, { state: "failed", failure }));
  expect(route).toBe("channel");
  expect(said(message)).toContain("We cannot tell whether it ran");
  expect(said(message)).toContain("You were not charged");
  expect(buttonsOf(message)).toEqual(["again:job1:"]);
});

it("has nowhere to post when the workspace takes no files, and says that the images are kept", async () => {
  const { message, place } = await ask("a red bicycle");
  house.slack.trouble("files.getUploadURLExternal", { error: "file_uploads_disabled" });
  expect(await house.platform.deliver(await delivery(place, 1))).toEqual({ route: "none" });
  expect(said(message)).toContain("kept in your history");
});

it("has nowhere to post when neither the channel nor the member can be reached", async () => {
  const { place } = await ask("a red bicycle");
  house.slack.channels.set("C1", false);
  house.slack.trouble("chat.postMessage", { error: "is_archived" });
  house.slack.trouble("chat.postMessage", { error: "messages_tab_disabled" });
  expect(await house.platform.deliver(await delivery(place, 1))).toEqual({ route: "none" });
});

it("throws what it does not understand", async () => {
  const { place } = await ask("a red bicycle");
  house.slack.trouble("chat.update", { error: "msg_too_long" });
  const thrown = await house.platform.deliver(await delivery(place, 1)).catch((error: unknown) => error);
  expect(thrown).not.toBeInstanceOf(DeliveryDelayed);
  expect(String(thrown)).toContain("msg_too_long");
});

it("lets a result of the longest hostile prompt through Slack's limits", async () => {
  const { message, place } = await ask(`${"&<>".repeat(2000)} --count 2`);
  await house.platform.deliver(await delivery(place, 2));
  expect(filesIn(message)).toHaveLength(2);
});
