import { type Request, sizeText } from "../../../request.ts";
import { isObject, type Json } from "../../decode/json.ts";
import { apiRoot, connectTo, type FormFile, type Payload } from "../../http/http.ts";
import { receiveImages } from "../../http/receive.ts";
import type { CallContext, ProviderDefinition } from "../../provider.ts";
import { bareId } from "./models.ts";
import { createTakenOptions } from "./options.ts";
import { costByUsage, leastPrice, quoted } from "./price.ts";
import { type ChosenModel, chosenModel, configuredModels, modelProblems, openAiVariables } from "./settings.ts";

// Document: facts OA-1 to OA-24.
const name = "openai";

/** Relays at other addresses need not list their models. */
const ownHost = "api.openai.com";

export const openai: ProviderDefinition = {
  name,
  prefix: "OPENAI",
  defaultBaseUrl: "https://api.openai.com/v1",
  // As long as OpenAI's own client waits; complex images take minutes.
  defaultTimeoutMs: 600_000,
  needsKey: true,
  variables: openAiVariables,
  problems: modelProblems,
  models: (extra) => (configuredModels(extra).length > 1 ? configuredModels(extra) : [undefined]),
  create({ apiKey, baseUrl, concurrency, timeoutMs, proxies, extra }, tools, chosen) {
    const connection = connectTo({ name, apiKey, baseUrl: apiRoot(baseUrl, "/v1"), timeoutMs, proxies });
    const model = chosenModel(extra, chosen);
    const lastingName = `${name}/${bareId(model.id)}`;
    const { list } = model;
    const previewsOf = (request: Request) => (streams(request) ? Number(extra.OPENAI_PARTIAL_IMAGES) : 0);
    const options = createTakenOptions(`${connection.service.name} ${baseUrl} ${model.id}`, tools);
    const post = (request: Request, fields: Fields, context: CallContext) =>
      request.references.length === 0
        ? connection.post("/images/generations", generationOf(fields), context)
        : connection.post("/images/edits", editOf(fields, request, context), context);
    return {
      name: chosen === undefined ? name : lastingName,
      lastingName,
      label: chosen === undefined ? "OpenAI" : `OpenAI ${bareId(model.id)}`,
      capabilities: model.capabilities,
      concurrency,
      timeoutMs,
      model: { id: model.id, endsAt: model.endsAt },
      price: (request) => quoted(request, previewsOf(request), list),
      leastPrice: (request) => leastPrice(request, list),
      async *generate(request, context) {
        const takes = await options.known();
        const previews = takes.previews ? previewsOf(request) : 0;
        const fields = fieldsOf(request, { model, previews, identity: takes.identity, user: context.endUser });
        const costOf = (rest: Json) => costByUsage(rest, list.prices);
        try {
          const answer = await post(request, fields, context);
          yield* receiveImages(connection.service, answer, request.count, context, costOf);
        } catch (error) {
          throw await options.learn(error, fields);
        }
      },
      modelEnd: async () => shutdownDate(await connection.get(`/models/${encodeURIComponent(model.id)}`)),
      check: () => connection.prove("/models", new URL(baseUrl).host === ownHost),
      close: connection.close,
    };
  },
};

/** Reads `shutdown_date` out of a model, as `2026-12-01` (developers.openai.com/api/docs/deprecations). */
function shutdownDate(document: Json): number | undefined {
  const date = isObject(document) ? document.shutdown_date : undefined;
  const at = typeof date === "string" ? Date.parse(date) : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
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
function fieldsOf(
  request: Request,
  call: { model: ChosenModel; previews: number; identity: string | undefined; user: string },
): Fields {
  const { prompt, count, quality, format, compression, background, moderation, fidelity, references } = request;
  const loyal = call.model.sendsFidelity && references.length > 0 && fidelity === "high";
  return {
    model: call.model.id,
    prompt,
    n: count,
    size: sizeText(request.size),
    quality,
    output_format: format,
    ...(compression === undefined ? {} : { output_compression: compression }),
    ...(background === "auto" ? {} : { background }),
    ...(moderation === "auto" ? {} : { moderation }),
    ...(loyal ? { input_fidelity: fidelity } : {}),
    ...(call.previews > 0 ? { stream: true, partial_images: call.previews } : {}),
    ...(call.identity === undefined ? {} : { [call.identity]: call.user }),
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
