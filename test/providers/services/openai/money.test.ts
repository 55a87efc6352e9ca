import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pixels, StoredImage } from "../../../../src/image.ts";
import { fitRequest } from "../../../../src/providers/fit-request.ts";
import { createProviders } from "../../../../src/providers/offered.ts";
import { callCost, createPricing } from "../../../../src/providers/pricing.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { openai } from "../../../../src/providers/services/openai/openai.ts";
import { backgrounds, fidelities, isPixels, parseSize, qualities, type Request } from "../../../../src/request.ts";
import { type Dice, dice } from "../../../support/dice.ts";
import { startFakeOpenAi, type UsageForm } from "../../../support/services/openai.ts";
import { bills } from "../../../support/services/openai-bills.ts";
import { openAiExtra } from "../../../support/services/openai-client.ts";
import type { FakeAnswer, FakeService } from "../../../support/services/openai-server.ts";
import { failureOf, imageFolder, run, testCall, testRequest, testTools } from "../../call.ts";

const forms: readonly UsageForm[] = ["openai", "chats", "openai", "digits", "wrapped", "none"];
const failures: readonly FakeAnswer["kind"][] = ["error", "before-headers", "malformed", "html"];
const models = Object.keys(bills);
const pricing = createPricing(0);

let fake: FakeService;
let references: readonly StoredImage[];
let removeFolder: () => Promise<void>;
let services: readonly Provider[];
beforeAll(async () => {
  fake = await startFakeOpenAi({ image: Buffer.from("an image"), usageForms: forms });
  const folder = await imageFolder();
  references = [await folder.image("one", 512, 512, "png"), await folder.image("two", 512, 512, "png")];
  removeFolder = folder.remove;
  const extra = openAiExtra({
    OPENAI_MODELS: models.join(","),
    OPENAI_TOKEN_PRICES: "gpt-image-2.6-flare:low=664,medium=1100,high=1353",
  });
  const settings = { apiKey: fake.apiKey, baseUrl: fake.baseUrl, concurrency: 4, timeoutMs: 60_000, extra };
  services = createProviders([{ definition: openai, settings }], testTools());
});
afterAll(async () => {
  await fake.close();
  await Promise.all(services.map((service) => service.close()));
  await removeFolder();
});

/** Every option of the model, in any combination that it takes. */
function randomRequest({ next, one }: Dice, provider: Provider): Request {
  const sizes = ["auto", "1024x1024", "1536x1024", "1024x1536", "1K 2:3", "2K", "16:9"];
  const free = ["3840x2160", "2048x1152", "1280x1280", "2K 3:1"];
  const possible = provider.capabilities.customSizes ? [...sizes, ...free] : sizes.slice(0, 5);
  const format = one(["png", "jpeg", "webp"] as const);
  const background = one(backgrounds.filter((each) => provider.capabilities.backgrounds.includes(each)));
  const asked = testRequest({
    prompt: "字a".repeat(1 + Math.floor(next() * one([40, 40, 4000]))),
    size: parseSize(one(possible)) ?? "auto",
    quality: one(qualities),
    count: one([1, 1, 2, 10]),
    references: references.slice(0, one([0, 0, 1, 2])),
    format,
    background: format === "jpeg" && background === "transparent" ? "auto" : background,
    fidelity: one(fidelities),
    moderation: one(["auto", "low"] as const),
    ...(format === "png" ? {} : { compression: Math.floor(next() * 101) }),
  });
  return fitRequest(asked, provider).request;
}

const madeOf = ({ size }: Request): Pixels => (isPixels(size) ? size : { width: 1536, height: 1024 });

/** The least price of an image is that of its output tokens alone: the model's formula to the token. */
function expectFormula(model: string, provider: Provider, request: Request): void {
  const bill = bills[model];
  if (!bill || request.quality === "auto" || !isPixels(request.size)) return;
  const tokens = bill.outputTokens(request.size, request.quality);
  expect(provider.leastPrice?.(request)).toBe(Math.ceil((tokens * bill.output) / 1000));
}

/** The credits of one call: as the service billed it, as its member pays it, and as the operator's books have it. */
async function callOnce(provider: Provider, request: Request) {
  const before = fake.charged;
  const done = (await run(provider, request, testCall())).at(-1);
  const cost = done?.type === "done" ? (done.cost ?? null) : null;
  const images = Array.from({ length: request.count }, () => madeOf(request));
  const { unit, total } = pricing.quote(provider, request);
  return {
    bill: Math.ceil(Math.round((fake.charged - before) * 1000) / 1_000_000),
    paid: pricing.settle({ request, unit, held: total }, [{ provider, cost, images }]),
    booked: cost ?? callCost(provider, request, { images, damaged: 0 }),
    quoted: total,
    isTold: cost !== null,
  };
}

test("members pay what every model bills, to the credit, over 1,000 requests of which a fifth fails", {
  timeout: 60_000,
}, async () => {
  const random = dice(20_261_129);
  const seen = new Map<string, number>();
  let untold = 0;
  for (let i = 0; i < 1000; i += 1) {
    const at = i % models.length;
    const [provider, model] = [services[at] as Provider, models[at] as string];
    const request = randomRequest(random, provider);
    expectFormula(model, provider, request);
    if (random.next() < 0.2) {
      fake.answerNext({ kind: random.one(failures) });
      await failureOf(run(provider, request, testCall()));
      continue;
    }
    const { bill, paid, booked, quoted, isTold } = await callOnce(provider, request);
    const what = `${model} ${JSON.stringify({ ...request, references: request.references.length })}`;
    expect(quoted, what).toBeGreaterThanOrEqual(bill);
    if (isTold) expect([paid, booked], what).toEqual([bill, bill]);
    else {
      // Nobody told what it cost: the member pays the least that it can have been, the operator's books have the most.
      untold += 1;
      expect(paid - bill, what).toBeLessThan(request.count); // each image is paid in whole credits
      expect(booked, what).toBeGreaterThanOrEqual(bill);
    }
    seen.set(model, (seen.get(model) ?? 0) + 1);
  }
  expect(fake.violations).toEqual([]);
  expect(fake.requests).toHaveLength(1000);
  expect(Math.min(...models.map((model) => seen.get(model) ?? 0))).toBeGreaterThan(80);
  expect(untold).toBeGreaterThan(50);
});
