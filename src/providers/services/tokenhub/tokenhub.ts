import { isPixels, type Request, sizeText, type Tier, tierOf } from "../../../request.ts";
import { gptImage2 } from "../../gpt-image-2.ts";
import { apiRoot, connectTo, type FormFile, type Payload, type ServiceConnection } from "../../http/http.ts";
import { receiveImages } from "../../http/receive.ts";
import type { CallContext, Capabilities, ProviderDefinition, ProviderEvent } from "../../provider.ts";

// Document: facts TH-1 to TH-32.
const model = "openai/gpt-image-2";

const capabilities: Capabilities = {
  ...gptImage2,
  customSizes: false, // TH-17; the price table's 4096x4096 is not in its list of sizes
  backgrounds: ["auto"],
  moderations: ["auto"],
  compression: "edits", // TH-24
};

/** TH-9 to TH-11; quality is free, and edits cost the same. */
const prices: Readonly<Record<Tier, number>> = { "1K": 125, "2K": 250, "4K": 500 };

export const tokenhub: ProviderDefinition = {
  name: "tokenhub",
  prefix: "TOKENHUB",
  defaultBaseUrl: "https://tokenhub.store/api/v1",
  // TH-30 asks for 120 s or more.
  defaultTimeoutMs: 180_000,
  needsKey: true,
  variables: {},
  create({ apiKey, baseUrl, concurrency, timeoutMs, proxies }) {
    const connection = connectTo({
      name: "tokenhub",
      apiKey,
      baseUrl: apiRoot(baseUrl, "/api/v1"),
      timeoutMs,
      proxies,
    });
    return {
      name: "tokenhub",
      label: "TokenHub",
      capabilities,
      concurrency,
      timeoutMs,
      // the tier of `auto` is known only once the image is there.
      price: ({ size }) => prices[isPixels(size) ? tierOf(size) : "4K"],
      generate: (request, context) => generate(connection, request, context),
      check: () => connection.prove("/models", false),
      close: connection.close,
    };
  },
};

async function* generate(
  connection: ServiceConnection,
  request: Request,
  context: CallContext,
): AsyncGenerator<ProviderEvent> {
  const answer =
    request.references.length === 0
      ? await connection.post("/images/generations", generationOf(request), context)
      : await connection.post("/images/edits", editOf(request, context), context);
  yield* receiveImages(connection.service, answer, request.count, context);
}

/** TH-14 to TH-19, and no field beside: others are refused here. */
function generationOf(request: Request): Payload {
  return {
    json: {
      model,
      prompt: request.prompt,
      n: request.count,
      size: sizeText(request.size),
      quality: request.quality,
      format: request.format,
    },
  };
}

/** TH-20 to TH-24. Several images repeat `image`: it is the only name in the document, which OpenAI's `image[]` is not. */
function editOf(request: Request, context: CallContext): Payload {
  const { references, mask, compression } = request;
  const files: FormFile[] = references.map((image) => ({
    field: "image",
    path: context.pathOf(image),
    format: image.format,
  }));
  if (mask) files.push({ field: "mask", path: context.pathOf(mask), format: mask.format });
  const fields = {
    model,
    prompt: request.prompt,
    n: String(request.count),
    size: sizeText(request.size),
    quality: request.quality,
    output_format: request.format,
    input_fidelity: request.fidelity,
  };
  return { fields: compression === undefined ? fields : { ...fields, output_compression: String(compression) }, files };
}
