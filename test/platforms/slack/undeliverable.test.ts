import { afterEach, beforeEach, expect, it } from "vitest";
import { type Delivery, DeliveryDelayed } from "../../../src/contract/delivery.ts";
import type { JobView } from "../../../src/contract/usecases.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Json, SlackMessage } from "../../support/slack/state.ts";

let house: SlackHouse;

beforeEach(async () => {
  house = await slackHouse();
});
afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const filesIn = ({ blocks }: SlackMessage) => blocks.filter(({ type }) => type === "image");

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

it("says in the waiting message that a job was given up, that it is free and where the images are", async () => {
  const { message, place } = await ask("a red bicycle");
  const what = await delivery(place, 1);
  const givenUp = { ...what, job: { ...what.job, state: "undeliverable" as const } };
  await house.platform.tellUndeliverable?.(givenUp);
  await house.platform.tellUndeliverable?.({ ...givenUp, repeated: true });
  expect(said(message)).toMatch(/Nowhere to post.*You were not charged; they are kept in your history/);
  expect(house.slack.messages).toEqual([message]);
  expect(filesIn(message)).toEqual([]);
});

it("says that a job was given up in a new message where the waiting one is gone", async () => {
  const { message, place } = await ask("a red bicycle");
  message.deleted = true;
  const what = await delivery(place, 1);
  await house.platform.tellUndeliverable?.({ ...what, job: { ...what.job, state: "undeliverable" } });
  expect(house.slack.messagesIn("C1").map(said)).toEqual([expect.stringContaining("You were not charged")]);
});

it.each(["storage_limit_reached", "file_uploads_disabled", "file_type_not_allowed"])(
  "says where the images are when Slack takes no files (%s), in a new message if need be",
  async (error) => {
    const { message, place } = await ask("a red bicycle");
    message.deleted = true;
    house.slack.trouble("files.getUploadURLExternal", { error });
    expect(await house.platform.deliver(await delivery(place, 1))).toEqual({ route: "none" });
    expect(house.slack.messagesIn("C1").map(said)).toEqual([expect.stringContaining("kept in your history")]);
  },
);

it.each([{ drop: "before" }, { error: "service_unavailable" }, { error: "fatal_error" }] as const)(
  "is tried again, and tells nobody of a failure, while Slack is out of reach (%o)",
  async (trouble) => {
    const { message, place } = await ask("a red bicycle");
    house.slack.trouble("files.getUploadURLExternal", trouble);
    await expect(house.platform.deliver(await delivery(place, 1))).rejects.toThrow(DeliveryDelayed);
    expect(said(message)).not.toContain("Nowhere");
    expect(await house.platform.deliver(await delivery(place, 1))).toMatchObject({ route: "channel" });
    expect(filesIn(message)).toHaveLength(1);
  },
);
