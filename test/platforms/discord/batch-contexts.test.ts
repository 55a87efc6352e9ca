import { afterEach, expect, test } from "vitest";
import { type Delivered, type Delivery, DeliveryDelayed, type PostedParts } from "../../../src/contract/delivery.ts";
import type { BatchView, JobView } from "../../../src/contract/usecases.ts";
import type { FakeChannel } from "../../support/discord/state.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

let opened: TestPlatform | undefined;

afterEach(() => {
  expect(opened?.discord.violations).toEqual([]);
});

const pastTokenMs = 14 * 60_000;

/** A batch of two parts that was asked for there, and how its deliveries come to pass. */
async function batchIn(place: (room: TestPlatform) => FakeChannel) {
  const room = await openRoom();
  opened = room;
  const { user, interaction, delivery } = await finishedJob(room, { where: { channel: place(room) } });
  const whole = { id: "job1", written: "{red, blue} fox", size: 2, by: "prompts" } as const;
  const part = (index: number, state: JobView["state"]): JobView => ({
    ...delivery.job,
    ...{ id: `job${index + 1}`, state, batch: { ...whole, index } },
    images: state === "delivered" ? delivery.job.images : [],
  });
  const posted: PostedParts[] = [];
  const deliver = async (index: 0 | 1, given: Partial<Delivery> = {}): Promise<Delivered> => {
    const first = part(0, "delivered");
    const parts: BatchView["parts"] = [first, part(1, index === 0 ? "running" : "delivered")];
    const job = parts[index] ?? first;
    const batch = { view: { ...whole, parts }, posted };
    return room.bot.deliver({ ...delivery, job, nonce: job.id, batch, ...given });
  };
  const remember = ({ message = "", route }: Delivered, parts: readonly string[]) => {
    posted.splice(0, posted.length, { message, route, parts });
  };
  return { room, user, interaction, deliver, remember };
}

const outside: readonly [string, (room: TestPlatform) => FakeChannel][] = [
  ["a foreign server", ({ discord }) => discord.channel(discord.guild(false))],
  ["a group chat", ({ discord }) => discord.channel()],
];

test.each(outside)(
  "a batch that was slow in %s comes by direct message, each part into the same one",
  async (_, place) => {
    const { room, user, deliver, remember } = await batchIn(place);
    room.world.advance(pastTokenMs);
    const first = await deliver(0);
    expect(first.route).toBe("direct");
    remember(first, ["job1"]);
    expect(await deliver(1)).toMatchObject({ route: "direct", message: first.message });
    const [message, other] = room.discord.messages(room.discord.direct(user));
    expect(other).toBeUndefined();
    expect(message?.attachments.map(({ filename }) => filename)).toEqual(["job1-1.png", "job2-1.png"]);
    expect(room.discord.invalidRequests).toBe(0);
  },
);

test.each(outside)(
  "a batch fills one message in %s; a try whose end is unknown shows it to the member instead of twice",
  async (_, place) => {
    const { interaction, deliver, remember } = await batchIn(place);
    const first = await deliver(0);
    remember(first, ["job1"]);
    expect(await deliver(1)).toMatchObject({ route: "channel", message: first.message });
    expect(interaction.followUps.map(({ attachments }) => attachments.length)).toEqual([2]);
    const lost = await batchIn(place);
    lost.room.discord.fail({ method: "POST", path: /^\/webhooks/, status: 502, afterStoring: true });
    await expect(lost.deliver(0)).rejects.toBeInstanceOf(DeliveryDelayed);
    expect(await lost.deliver(0, { repeated: true })).toMatchObject({ route: "private" });
    expect(lost.interaction.followUps).toHaveLength(1);
  },
);

test.each(outside)(
  "when the word is lost between two parts in %s, all that was shown comes along by direct message",
  async (_, place) => {
    const { room, user, interaction, deliver, remember } = await batchIn(place);
    const first = await deliver(0);
    expect(first.route).toBe("channel");
    expect(interaction.followUps).toMatchObject([{ ephemeral: false, attachments: [{ filename: "job1-1.png" }] }]);
    remember(first, ["job1"]);
    room.world.advance(pastTokenMs);
    expect(await deliver(1)).toMatchObject({ route: "direct", moved: ["job1"] });
    const [message] = room.discord.messages(room.discord.direct(user));
    expect(message?.attachments).toHaveLength(2);
  },
);

test.each(outside)(
  "whoever takes no direct messages finds a slow batch in the history, and Discord is asked once",
  async (_, place) => {
    const { room, user, deliver } = await batchIn(place);
    room.world.advance(pastTokenMs);
    user.dmsClosed = true;
    expect(await deliver(0)).toMatchObject({ route: "none" });
    expect(room.discord.invalidRequests).toBe(1);
  },
);
