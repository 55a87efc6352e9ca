import { isPixels, type Request, type Size, sizeText, tierOf } from "../../../request.ts";
import { gptImage2 } from "../../gpt-image-2.ts";
import { apiRoot, connectTo, type Payload } from "../../http/http.ts";
import { receiveImages } from "../../http/receive.ts";
import type { Capabilities, ProviderDefinition } from "../../provider.ts";
import { chosenModel, configuredModels, modelOfTier, type NodeKeyModel, nodeKeyVariables } from "./models.ts";

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

export const nodekey: ProviderDefinition = {
  name,
  prefix: "NODEKEY",
  defaultBaseUrl: "https://nodekey.xinghanyun.cn/v1",
  // The document is silent; as long as OpenAI's own client waits.
  defaultTimeoutMs: 600_000,
  needsKey: true,
  variables: nodeKeyVariables,
  models: configuredModels,
  create({ apiKey, baseUrl, concurrency, timeoutMs, proxies, extra }, _tools, chosen) {
    const connection = connectTo({ name, apiKey, baseUrl: apiRoot(baseUrl, "/v1"), timeoutMs, proxies });
    const model = chosenModel(extra, chosen);
    return {
      name: chosen === undefined ? name : `${name}/${chosen}`,
      label: chosen === undefined ? "NodeKey" : `NodeKey ${chosen}`,
      capabilities: { ...capabilities, sizes: model.sizes },
      concurrency,
      timeoutMs,
      failuresMayCost: true, // NK-15: it says nothing of money at all
      price: ({ size }) => model.priceAt(isPixels(size) ? tierOf(size) : undefined),
      async *generate(request, context) {
        const answer = await connection.post(
          "/images/generations",
          payloadOf(request, model, context.endUser),
          context,
        );
        yield* receiveImages(connection.service, answer, request.count, context);
      },
      check: () => connection.prove("/models", false),
      close: connection.close,
    };
  },
};

/** NK-3 to NK-11, and no field beside; the quality always, as its default is medium (NK-8). */
function payloadOf(request: Request, { id }: NodeKeyModel, user: string): Payload {
  const { prompt, count, size, quality, format, compression, background, moderation } = request;
  return {
    json: {
      model: id ?? modelFor(size),
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

/** the size picks the model, where members did not. */
function modelFor(size: Size): string {
  return modelOfTier(isPixels(size) ? tierOf(size) : "1K");
}
