import type { Pixels } from "../../../image.ts";
import { type Request, sizeText } from "../../../request.ts";
import { apiRoot, connectTo, type FormFile, type Payload } from "../../http/http.ts";
import { receiveImages } from "../../http/receive.ts";
import type { CallContext, Capabilities, ProviderDefinition, ProviderVariable } from "../../provider.ts";
import { costByUsage, leastPrice, quoted, type TokenPrices } from "./price.ts";

// Document: facts OA-1 to OA-24.
const name = "openai";

/** The sizes that OpenAI itself suggests; within the rules of OA-6 every other goes too. */
const sizes: readonly Pixels[] = [
  { width: 1024, height: 1024 },
  { width: 1536, height: 1024 },
  { width: 1024, height: 1536 },
  { width: 2048, height: 2048 },
  { width: 2048, height: 1152 },
  { width: 3840, height: 2160 },
  { width: 2160, height: 3840 },
];

const capabilities: Capabilities = {
  sizes,
  customSizes: true,
  ratios: [],
  autoSize: true,
  qualities: ["auto", "low", "medium", "high"],
  formats: ["png", "jpeg", "webp"],
  maxCount: 10,
  maxReferences: 16,
  mask: true,
  maxPromptLength: 32_000,
  backgrounds: ["auto", "opaque"],
  // Always high, and refused when it is asked for (OA-20, X-40): it is never sent.
  fidelity: true,
  moderations: ["auto", "low"],
  compression: "always",
};

/** refused by gpt-image-2, and yet in its description: the operator knows what the model does now. */
const transparentToo: Capabilities = { ...capabilities, backgrounds: ["auto", "opaque", "transparent"] };

const dollars = (fallback: string): ProviderVariable => ({
  must: "must be the price of a million tokens in US dollars, such as 8 or 0.5",
  accepts: (value) => /^\d{1,4}(\.\d{1,6})?$/.test(value) && Number(value) > 0,
  fallback,
});

/** Relays at other addresses need not list their models. */
const ownHost = "api.openai.com";

export const openai: ProviderDefinition = {
  name,
  prefix: "OPENAI",
  defaultBaseUrl: "https://api.openai.com/v1",
  // As long as OpenAI's own client waits; complex images take minutes.
  defaultTimeoutMs: 600_000,
  needsKey: true,
  variables: {
    OPENAI_MODEL: {
      must: "must be the id of a GPT image model, such as gpt-image-2",
      accepts: (value) => /^[\w.:/-]{1,100}$/.test(value),
      fallback: "gpt-image-2",
    },
    OPENAI_TRANSPARENT: {
      must: "must be on or off: does the model make transparent backgrounds?",
      accepts: (value) => value === "on" || value === "off",
      fallback: "off",
    },
    OPENAI_PARTIAL_IMAGES: {
      must: "must be 0 to 3: previews that keep the connection of a slow call alive; 0 turns streaming off",
      accepts: (value) => /^[0-3]$/.test(value),
      fallback: "1",
    },
    OPENAI_TEXT_IN_USD: dollars("5"),
    OPENAI_IMAGE_IN_USD: dollars("8"),
    OPENAI_IMAGE_OUT_USD: dollars("30"),
  },
  create({ apiKey, baseUrl, concurrency, timeoutMs, proxies, extra }) {
    const connection = connectTo({ name, apiKey, baseUrl: apiRoot(baseUrl, "/v1"), timeoutMs, proxies });
    const model = extra.OPENAI_MODEL ?? "";
    const prices = pricesIn(extra);
    const previewsOf = (request: Request) => (streams(request) ? Number(extra.OPENAI_PARTIAL_IMAGES) : 0);
    return {
      name,
      label: "OpenAI",
      capabilities: extra.OPENAI_TRANSPARENT === "on" ? transparentToo : capabilities,
      concurrency,
      timeoutMs,
      price: (request) => quoted(request, previewsOf(request), { sizes, prices }),
      leastPrice: (request) => leastPrice(request, { sizes, prices }),
      async *generate(request, context) {
        const fields = fieldsOf(request, { model, previews: previewsOf(request), user: context.endUser });
        const answer =
          request.references.length === 0
            ? await connection.post("/images/generations", generationOf(fields), context)
            : await connection.post("/images/edits", editOf(fields, request, context), context);
        yield* receiveImages(connection.service, answer, request.count, context, (rest) => costByUsage(rest, prices));
      },
      check: () => connection.prove("/models", new URL(baseUrl).host === ownHost),
      close: connection.close,
    };
  },
};

function pricesIn(extra: Readonly<Record<string, string>>): TokenPrices {
  return {
    textIn: Number(extra.OPENAI_TEXT_IN_USD),
    imageIn: Number(extra.OPENAI_IMAGE_IN_USD),
    imageOut: Number(extra.OPENAI_IMAGE_OUT_USD),
  };
}

/**
 * Proxies cut connections on which nothing moves for a minute; a preview is something that moves. "Streaming is only
 * supported with n=1", and what is made at low quality is there before anybody loses patience.
 */
function streams({ count, quality }: Request): boolean {
  return count === 1 && quality !== "low";
}

type Fields = Readonly<Record<string, string | number | boolean>>;

/** OA-3 to OA-14: the same for generations and edits; compression, background and moderation only where they were chosen. */
function fieldsOf(request: Request, call: { model: string; previews: number; user: string }): Fields {
  const { prompt, count, quality, format, compression, background, moderation } = request;
  return {
    model: call.model,
    prompt,
    n: count,
    size: sizeText(request.size),
    quality,
    output_format: format,
    ...(compression === undefined ? {} : { output_compression: compression }),
    ...(background === "auto" ? {} : { background }),
    ...(moderation === "auto" ? {} : { moderation }),
    ...(call.previews > 0 ? { stream: true, partial_images: call.previews } : {}),
    user: call.user,
  };
}

function generationOf(fields: Fields): Payload {
  return { json: fields };
}

/** OA-17, OA-19: one image is `image`, several are `image[]`. */
function editOf(fields: Fields, { references, mask }: Request, context: CallContext): Payload {
  const field = references.length === 1 ? "image" : "image[]";
  const files: FormFile[] = references.map((image) => ({ field, path: context.pathOf(image), format: image.format }));
  if (mask) files.push({ field: "mask", path: context.pathOf(mask), format: mask.format });
  return { fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)])), files };
}
