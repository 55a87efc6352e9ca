import { isPixels, type Request, type Size, sizeText, type Tier, tierOf, tiers } from "../../../request.ts";
import { creditsFor, dollarPrice } from "../../dollars.ts";
import { gptImage2 } from "../../gpt-image-2.ts";
import { apiRoot, connectTo, type Payload } from "../../http/http.ts";
import { receiveImages } from "../../http/receive.ts";
import type { Capabilities, ProviderDefinition } from "../../provider.ts";

// Document: facts NK-1 to NK-15.
const name = "nodekey";

/** NK-10: what is passed on is as OpenAI has it. Where the document is silent, the model's own limits stand (X-29, OA-3). */
const capabilities: Capabilities = {
  ...gptImage2,
  backgrounds: ["auto", "opaque", "transparent"], // NK-10: passed on; what the model behind it makes of it, it decides
  customSizes: false, // NK-5, X-31: each size belongs to the model of its tier
  maxReferences: 0, // NK-1: no edits
  mask: false,
  fidelity: false,
};

/** NK-15: the document has no prices. */
const price = dollarPrice("one image there", "0.04");

export const nodekey: ProviderDefinition = {
  name,
  prefix: "NODEKEY",
  defaultBaseUrl: "https://nodekey.xinghanyun.cn/v1",
  // The document is silent; as long as OpenAI's own client waits.
  defaultTimeoutMs: 600_000,
  needsKey: true,
  variables: { NODEKEY_PRICE_1K_USD: price, NODEKEY_PRICE_2K_USD: price, NODEKEY_PRICE_4K_USD: price },
  create({ apiKey, baseUrl, concurrency, timeoutMs, proxies, extra }) {
    const connection = connectTo({ name, apiKey, baseUrl: apiRoot(baseUrl, "/v1"), timeoutMs, proxies });
    const priceAt = (tier: Tier) => creditsFor(Number(extra[`NODEKEY_PRICE_${tier}_USD`]));
    const dearest = Math.max(...tiers.map(priceAt));
    return {
      name,
      label: "NodeKey",
      capabilities,
      concurrency,
      timeoutMs,
      failuresMayCost: true, // NK-15: it says nothing of money at all
      price: ({ size }) => (isPixels(size) ? priceAt(tierOf(size)) : dearest),
      async *generate(request, context) {
        const answer = await connection.post("/images/generations", payloadOf(request, context.endUser), context);
        yield* receiveImages(connection.service, answer, request.count, context);
      },
      check: () => connection.prove("/models", false),
      close: connection.close,
    };
  },
};

/** NK-3 to NK-11, and no field beside; the quality always, as its default is medium (NK-8). */
function payloadOf(request: Request, user: string): Payload {
  const { prompt, count, size, quality, format, compression, background, moderation } = request;
  return {
    json: {
      model: modelFor(size),
      prompt,
      n: count,
      // Without a size the model has its own (NK-4).
      ...(size === "auto" ? {} : { size: sizeText(size) }),
      quality,
      response_format: "b64_json",
      output_format: format,
      ...(compression === undefined ? {} : { output_compression: compression }),
      ...(background === "auto" ? {} : { background }),
      ...(moderation === "auto" ? {} : { moderation }),
      user,
    },
  };
}

/** the size picks the model. For those without a tier in their name the document tells no sizes. */
function modelFor(size: Size): string {
  const tier = isPixels(size) ? tierOf(size) : "1K";
  return `gpt-image-2-${tier.toLowerCase()}`;
}
