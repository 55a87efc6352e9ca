import type { Delivery } from "../../../src/contract/delivery.ts";
import type { JobView } from "../../../src/contract/usecases.ts";
import type { StoredImage } from "../../../src/image.ts";
import type { OptionValue, Where } from "../../support/discord/member.ts";
import type { FakeInteraction, FakeUser } from "../../support/discord/state.ts";
import type { TestPlatform } from "./test-platform.ts";

/** A command whose job is over and waits to be delivered. */
export interface Finished {
  readonly user: FakeUser;
  readonly interaction: FakeInteraction;
  readonly delivery: Delivery;
}

interface JobOptions {
  readonly values?: Readonly<Record<string, OptionValue>>;
  readonly where?: Where;
  /** Bytes of each image. */
  readonly sizes?: readonly number[];
}

/** Types /imagine, waits for its card, and ends its job with images. */
export async function finishedJob(
  room: TestPlatform,
  { values = {}, where = {}, sizes = [2000] }: JobOptions = {},
): Promise<Finished> {
  const { interaction, user, job, place } = await acceptedJob(room, { prompt: "a red bicycle", ...values }, where);
  const images = await Promise.all(sizes.map((bytes) => room.image(bytes)));
  return { user, interaction, delivery: deliveryOf(room, job, place, images) };
}

/** Types /imagine, waits for its card, and ends its job with a failure. */
export async function failedJob(room: TestPlatform, where: Where = {}): Promise<Finished> {
  const { interaction, user, job, place } = await acceptedJob(room, { prompt: "a red bicycle" }, where);
  const failure = { outcome: "unknown", reference: "ref1" } as const;
  const failed = room.usecases.move(job, { state: "failed", failure });
  return {
    user,
    interaction,
    delivery: { job: failed, replyTarget: place, nonce: job, repeated: false, spoiler: false },
  };
}

async function acceptedJob(room: TestPlatform, values: Readonly<Record<string, OptionValue>>, where: Where) {
  const user = room.discord.user("ana");
  const interaction = room.discord.command(user, "imagine", values, where);
  await room.discord.until(() => interaction.reply?.edits === 1, "the card of the job");
  const place = room.usecases.asked.at(-1)?.caller.replyTarget ?? "";
  return { interaction, user, place, job: `job${room.usecases.jobs.size}` };
}

function deliveryOf({ usecases }: TestPlatform, id: string, place: string, images: readonly StoredImage[]): Delivery {
  usecases.move(id, { state: "delivering" });
  const known = usecases.jobs.get(id) as JobView;
  const startedAt = Date.UTC(2026, 10, 20, 12, 0, 1);
  const done = { state: "delivered", images, startedAt, finishedAt: startedAt + 21_000 } as const;
  const job = { ...known, ...done, charged: images.length * 125 };
  return { job, replyTarget: place, nonce: id, repeated: false, spoiler: false };
}
