import { ProviderError } from "../../../errors.ts";
import type { Credits, Request, Size } from "../../../request.ts";
import type { Cache } from "../../../world.ts";
import { creditsFor, dollarPrice } from "../../dollars.ts";
import { nearestRatio } from "../../fit-size.ts";
import { gptImage2 } from "../../gpt-image-2.ts";
import { connectTo, type Payload, type ServiceConnection } from "../../http/http.ts";
import type { Balance, CallContext, Capabilities, ProviderDefinition } from "../../provider.ts";
import { creditsIn, mentions } from "./documents.ts";
import { receiveGeneration } from "./receive.ts";

// Document: facts GH-1 to GH-30.
const name = "gpt-image-hub";
const model = "gpt-image-2";

/** GH-11. */
const ratios: Capabilities["ratios"] = [
  [1, 1],
  [4, 3],
  [3, 4],
  [3, 2],
  [2, 3],
  [16, 9],
  [9, 16],
  [5, 4],
  [4, 5],
  [21, 9],
  [9, 21],
  [2, 1],
  [1, 2],
  [3, 1],
  [1, 3],
];

const capabilities: Capabilities = {
  ...gptImage2,
  sizes: [],
  customSizes: false,
  ratios,
  // Its own `quality` is the tier; of effort it knows nothing.
  qualities: ["auto"],
  formats: ["png"],
  maxCount: 4, // GH-13
  maxReferences: 16, // GH-17
  mask: false,
  backgrounds: ["auto"],
  fidelity: false,
  moderations: ["auto"],
  compression: "never",
};

const lowBalance = 20;
const balanceAgeMs = 60_000;
const modelsAgeMs = 3_600_000;

export const gptImageHub: ProviderDefinition = {
  name,
  prefix: "GPT_IMAGE_HUB",
  // Above the 600 s that a call may take (GH-29).
  defaultTimeoutMs: 620_000,
  needsKey: true,
  variables: {
    GPT_IMAGE_HUB_CREDIT_USD: dollarPrice("one credit there", "0.04"),
  },
  create({ apiKey, baseUrl, concurrency, timeoutMs, proxies, extra }, { cache }) {
    const connection = connectTo({ name, apiKey, baseUrl: apiRoot(baseUrl), timeoutMs, proxies });
    const costOf = pricing(extra.GPT_IMAGE_HUB_CREDIT_USD ?? "");
    return {
      name,
      label: "GPT Image Hub",
      capabilities,
      concurrency,
      timeoutMs,
      // GH-9: one of its credits, whatever the tier.
      price: () => costOf(1),
      async *generate(request, context) {
        const answer = await connection.post("/images/generations", payloadOf(request, context), context);
        yield* receiveGeneration({ connection, answer, count: request.count, context, costOf });
      },
      balance: () => remembered(cache, `${name}:balance`, balanceAgeMs, () => balanceAt(connection)),
      check: () => check(connection, cache),
      close: connection.close,
    };
  },
};

/** GH-10 to GH-18, and no field beside. An edit is the same call as a form; several references repeat the field. */
function payloadOf(request: Request, context: CallContext): Payload {
  const { prompt, count, references } = request;
  const fields = { model, prompt, ...shapeOf(request.size) };
  if (references.length === 0) return { json: { ...fields, n: count } };
  return {
    fields: { ...fields, n: String(count) },
    files: references.map((image) => ({
      field: "reference_image",
      path: context.pathOf(image),
      format: image.format,
    })),
  };
}

function shapeOf(size: Size): { aspect_ratio: string; quality: string } {
  const shape = size === "auto" ? undefined : nearestRatio(size, ratios)?.size;
  // 1K is the document's default (GH-12).
  return { aspect_ratio: shape?.ratio.join(":") ?? "auto", quality: shape?.tier ?? "1K" };
}

/** Converts an amount of the service's credits to ours, rounded up; exact to a millionth of a dollar. */
function pricing(creditUsd: string): (theirs: number) => Credits {
  return (theirs) => creditsFor(theirs * Number(creditUsd));
}

/** GH-5. */
async function balanceAt(connection: ServiceConnection): Promise<Balance | undefined> {
  const amount = creditsIn(await connection.get("/credits"));
  return amount === undefined ? undefined : { amount, unit: "credits", low: amount < lowBalance };
}

/** GH-4, GH-5: the service answers, knows the key, and offers the model. */
async function check(connection: ServiceConnection, cache: Cache): Promise<void> {
  await connection.get("/credits");
  const offered = await remembered(cache, `${name}:offered`, modelsAgeMs, async () =>
    mentions(await connection.get("/models"), model),
  );
  if (offered) return;
  throw new ProviderError(name, "refused", `${model} is not in its list of models`, { refusedFor: "request" });
}

async function remembered<Value>(cache: Cache, key: string, ageMs: number, ask: () => Promise<Value>): Promise<Value> {
  const known = await cache.get<Value>(key);
  if (known !== undefined) return known;
  const answer = await ask();
  await cache.set(key, answer, ageMs);
  return answer;
}

/** GH-1, X-14: the address is the site's own; operators write it with or without its path. */
function apiRoot(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "").replace(/(\/api\/v1)?$/, "/api/v1");
}
