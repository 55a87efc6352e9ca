import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import type { Draft } from "../../src/contract/usecases.ts";
import { formats } from "../../src/image.ts";
import type { Provider, ProviderTools } from "../../src/providers/provider.ts";
import { apimodels } from "../../src/providers/services/apimodels/apimodels.ts";
import { gptImageHub } from "../../src/providers/services/gpt-image-hub/gpt-image-hub.ts";
import { nodekey } from "../../src/providers/services/nodekey/nodekey.ts";
import { openai } from "../../src/providers/services/openai/openai.ts";
import { tokenhub } from "../../src/providers/services/tokenhub/tokenhub.ts";
import { qualities, sizeText } from "../../src/request.ts";
import { startFakeApimodels } from "../support/services/apimodels.ts";
import { startFakeGptImageHub } from "../support/services/gpt-image-hub.ts";
import { startFakeNodeKey } from "../support/services/nodekey.ts";
import { startFakeOpenAi } from "../support/services/openai.ts";
import { startFakeTokenHub } from "../support/services/tokenhub.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** A service by its own strict server, with the real adapter in front. */
interface Service {
  readonly provider: (tools: ProviderTools) => Provider;
  readonly trusted: readonly string[];
  readonly violations: () => readonly string[];
  /** In our credits. */
  readonly charged: () => number;
  failNext(): void;
  close(): Promise<void>;
}

const microdollarsPerCredit = 1000;
const openAiDefaults = Object.fromEntries(
  Object.entries(openai.variables).map(([name, { fallback = "" }]) => [name, fallback]),
);
const settings = { concurrency: 4, timeoutMs: 60_000, extra: {} };

const services: Readonly<Record<string, () => Promise<Service>>> = {
  tokenhub: async () => {
    const fake = await startFakeTokenHub();
    const { apiKey, baseUrl } = fake;
    return {
      provider: (tools) => tokenhub.create({ ...settings, apiKey, baseUrl }, tools),
      trusted: [fake.fileOrigin],
      violations: () => fake.violations,
      charged: () => fake.charged,
      failNext: () => fake.answerNext({ kind: "error", status: 500 }),
      close: () => fake.close(),
    };
  },
  apimodels: async () => {
    const fake = await startFakeApimodels();
    const { apiKey, baseUrl } = fake;
    return {
      provider: (tools) => apimodels.create({ ...settings, apiKey, baseUrl }, tools),
      trusted: [fake.fileOrigin],
      violations: () => fake.violations,
      charged: () => fake.charged,
      failNext: () => fake.answerNext({ kind: "error", status: 500 }),
      close: () => fake.close(),
    };
  },
  nodekey: async () => {
    const fake = await startFakeNodeKey();
    const { apiKey, baseUrl } = fake;
    const extra = { NODEKEY_PRICE_1K_USD: "0.04", NODEKEY_PRICE_2K_USD: "0.0805", NODEKEY_PRICE_4K_USD: "0.16" };
    return {
      provider: (tools) => nodekey.create({ ...settings, apiKey, baseUrl, extra }, tools),
      trusted: [],
      violations: () => fake.violations,
      // An image is charged in whole credits.
      charged: () =>
        fake.requests.reduce((sum, { charged, fields }) => {
          const count = Number(fields.n);
          return sum + count * Math.ceil(charged / count / microdollarsPerCredit);
        }, 0),
      failNext: () => fake.answerNext({ kind: "error", status: 500 }),
      close: () => fake.close(),
    };
  },
  openai: async () => {
    const fake = await startFakeOpenAi();
    const { apiKey, baseUrl } = fake;
    return {
      provider: (tools) => openai.create({ ...settings, apiKey, baseUrl, extra: openAiDefaults }, tools),
      trusted: [],
      violations: () => fake.violations,
      // A call is charged in whole credits.
      charged: () => fake.requests.reduce((sum, { charged }) => sum + Math.ceil(charged / microdollarsPerCredit), 0),
      failNext: () => fake.answerNext({ kind: "error", status: 500 }),
      close: () => fake.close(),
    };
  },
  "gpt-image-hub": async () => {
    const fake = await startFakeGptImageHub({ balance: 1_000_000 });
    const { apiKey, baseUrl } = fake;
    const extra = { GPT_IMAGE_HUB_CREDIT_USD: "0.035" };
    return {
      provider: (tools) => gptImageHub.create({ ...settings, apiKey, baseUrl, extra }, tools),
      trusted: [fake.fileOrigin],
      violations: () => fake.violations,
      charged: () => fake.charged * 35,
      failNext: () => fake.answerNext({ kind: "error", status: 500 }),
      close: () => fake.close(),
    };
  },
};

let house: TestBot | undefined;
let service: Service | undefined;
afterEach(async () => {
  await house?.close();
  await service?.close();
});

/** The same requests in every run. */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, one: <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item };
}

/** Small images in quick formats are made soonest, so most requests are for those; the others are there too. */
function randomDraft({ next, one }: ReturnType<typeof dice>, { capabilities }: Provider): Draft {
  const seldom = next() < 0.05;
  const exact = capabilities.sizes
    .filter(({ width, height }) => seldom || Math.max(width, height) <= 1536)
    .map(sizeText);
  const shapes = capabilities.ratios.map((ratio) => `${seldom ? "2K" : "1K"} ${ratio.join(":")}`);
  return {
    prompt: `number ${next()}`,
    size: one([...exact, ...shapes, ...(capabilities.autoSize ? ["auto"] : []), "1K 3:2", "1k"]),
    quality: one(qualities),
    count: seldom ? 10 : one([1, 1, 2, 3]),
    format: seldom ? one(formats) : one(["png", "jpeg"]),
  };
}

/** The adapter over a running service, in a room that works. */
async function open(name: string): Promise<{ service: Service; provider: Provider; house: TestBot }> {
  service = (await services[name]?.()) as Service;
  const made: Provider[] = [];
  const { provider: create, trusted: trustedOrigins } = service;
  house = await openRoom({
    daily: 1_000_000_000,
    trustedOrigins,
    reachable: false,
    providers: (tools) => {
      made.push(create(tools));
      return made;
    },
  });
  await house.work();
  return { service, provider: made[0] as Provider, house };
}

test.each(Object.keys(services))(
  "charges members what %s charged, over 200 random requests of which a fifth fails, and sends nothing illegal",
  { timeout: 120_000 },
  async (name) => {
    const { service, provider, house } = await open(name);
    const random = dice(20_261_120);
    let charged = 0;
    const lane = async (member: string) => {
      for (let i = 0; i < 50; i++) {
        if (random.next() < 0.2) service.failNext();
        const asked = await house.usecases.imagine(randomDraft(random, provider), house.caller(member));
        const done = await house.end(asked);
        if (done.state === "failed") house.context.breakers.ended(name, undefined); // else the service would be left to rest
        charged += done.state === "delivered" ? (done.charged ?? 0) : 0;
      }
    };
    await Promise.all(["a", "b", "c", "d"].map(lane));
    expect(charged).toBe(service.charged());
    expect(charged).toBeGreaterThan(0);
    expect(service.violations()).toEqual([]);
  },
);

test.each(Object.keys(services))(
  "sends %s nothing illegal over every size, quality, format and count that it allows, with and without references",
  { timeout: 120_000 },
  async (name) => {
    const { service, provider, house } = await open(name);
    for (const draft of await everyDraft(provider, house)) {
      expect((await house.end(await house.usecases.imagine(draft, house.caller()))).state).toBe("delivered");
    }
    expect(service.violations()).toEqual([]);
  },
);

async function everyDraft({ capabilities }: Provider, bot: TestBot): Promise<Draft[]> {
  const prompt = "x";
  const sizes = [...capabilities.sizes.map(sizeText), ...capabilities.ratios.map((ratio) => `1K ${ratio.join(":")}`)];
  const square = await reference(bot);
  const edits = (capabilities.maxReferences > 0 ? [1, 2, 16] : []).map((count) =>
    Array.from({ length: count }, () => square),
  );
  return [
    ...sizes.map((size) => ({ prompt, size })),
    ...capabilities.qualities.flatMap((quality) => formats.map((format) => ({ prompt, quality, format }))),
    ...[2, capabilities.maxCount, 10].map((count) => ({ prompt, count })),
    ...edits.map((images) => ({ prompt, images })),
    ...(capabilities.mask ? edits.map((images) => ({ prompt, images, mask: square })) : []),
  ];
}

/** A half-transparent square on disk: good as a reference and as a mask. */
async function reference({ folder }: TestBot) {
  const file = `${folder}/square.png`;
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  const half = await sharp({ create: { width: 32, height: 64, channels: 4, background: "#c33" } })
    .png()
    .toBuffer();
  await sharp({ create: { width: 64, height: 64, channels: 4, background: clear } })
    .composite([{ input: half, left: 0, top: 0 }])
    .png()
    .toFile(file);
  return { filename: "square.png", source: { path: file } };
}
