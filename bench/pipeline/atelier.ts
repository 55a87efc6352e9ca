import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Delivery } from "../../src/contract/delivery.ts";
import type { StoredImage } from "../../src/image.ts";
import { createImages } from "../../src/images/create-images.ts";
import { createDiscord } from "../../src/platforms/discord/discord.ts";
import type { ReplyTarget } from "../../src/platforms/discord/reply-target.ts";
import type { PlatformContext } from "../../src/platforms/platform.ts";
import { createSealer } from "../../src/platforms/seal.ts";
import { plainRequest } from "../../src/policy/draft.ts";
import type { CallContext } from "../../src/providers/provider.ts";
import { openai } from "../../src/providers/services/openai/openai.ts";
import { createCache } from "../../src/store/cache.ts";
import { type Log, realWorld } from "../../src/world.ts";
import { answerParent } from "../children.ts";
import { measured, residentMegabytes } from "../measure.ts";

/** Atelier's own way: the real adapter, the real spool, the real inspection, the real delivery. No database. */
const { SERVERS = "" } = process.env;
const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

const world = realWorld();
const cache = createCache();
const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };
const images = createImages({ directory: folder, trustedOrigins: [], log });
const variables = Object.entries(openai.variables).map(([name, { fallback = "" }]) => [name, fallback]);
const extra = { ...Object.fromEntries(variables), OPENAI_PARTIAL_IMAGES: "0" }; // the same call as the usual way makes
const service = openai.create(
  { apiKey: "sk-bench", baseUrl: SERVERS, concurrency: 4, timeoutMs: 600_000, extra },
  { world, cache },
);

const discord = createDiscord({ token: "bench", apiUrl: `${SERVERS}/api`, contentIntent: false, shards: "auto" }, {
  commands: [],
  world,
  log,
  cache,
  fit: images.fit,
  seal: createSealer("bench"),
} as unknown as PlatformContext);
/** A place of which Discord says that it takes 100 MB: nothing is made smaller, as in the usual way. */
const place: ReplyTarget = {
  uploadBytes: 100_000_000,
  channel: "1200000000000000001",
  guild: "1200000000000000002",
  user: "1200000000000000003",
  application: "1200000000000000004",
  resident: true,
  token: "",
  tokenUntil: 0,
};

async function job(n: number): Promise<void> {
  const attempt = world.id();
  const context: CallContext = {
    signal: new AbortController().signal,
    attempt,
    endUser: "bench",
    beforeSend: async () => undefined,
    openImage: (index) => images.openResult(attempt, index),
    pathOf: (image) => images.pathOf(image),
    download: async () => undefined,
  };
  for await (const _ of service.generate({ ...plainRequest, prompt: "a red bicycle", count: n }, context));
  await images.finish(attempt);
  const received = await images.received(attempt);
  await discord.deliver(
    deliveryOf(
      attempt,
      received.images.map(({ image }) => image),
    ),
  );
}

function deliveryOf(id: string, stored: readonly StoredImage[]): Delivery {
  const request = { ...plainRequest, prompt: "a red bicycle", count: stored.length };
  const job = { id, member: "discord:1", memberName: "Ann", tenant: "discord:guild:1", locale: "en" };
  const money = { provider: "openai", unit: 1, held: 10, charged: 10, changes: [] };
  const times = { createdAt: 0, startedAt: 0, finishedAt: 0 };
  return {
    job: { ...job, ...money, ...times, state: "delivered", request, images: stored },
    replyTarget: JSON.stringify(place),
    nonce: id,
    repeated: false,
    spoiler: false,
  };
}

answerParent(residentMegabytes(), async (question) => {
  const taken = await measured(() => job(question as number));
  rmSync(path.join(folder, "results"), { recursive: true }); // as retention would, much later
  mkdirSync(path.join(folder, "results"));
  return taken;
});
