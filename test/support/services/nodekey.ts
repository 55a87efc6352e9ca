import type { IncomingMessage } from "node:http";
import { readJson } from "./openai-rules.ts";
import { type FakeOptions, FakeService, type Made, type ServiceRules } from "./openai-server.ts";
import { type Upload, Violation } from "./tokenhub-rules.ts";

/** NK-5; the first of each is the model's own (NK-4). */
const sizesOf: Readonly<Record<string, readonly string[]>> = {
  "gpt-image-2-1k": ["1024x1024", "1536x1024", "1024x1536"],
  "gpt-image-2-2k": ["2048x2048", "2048x1152"],
  "gpt-image-2-4k": ["3840x2160", "2160x3840"],
};
const enums: Readonly<Record<string, readonly string[]>> = {
  model: [...Object.keys(sizesOf), "gpt-image-2", "gpt-image-2-vip"],
  // NK-8, NK-10: passed on, so OpenAI's values.
  quality: ["auto", "low", "medium", "high"],
  response_format: ["url", "b64_json"],
  background: ["auto", "opaque"],
  moderation: ["auto", "low"],
  output_format: ["png", "jpeg", "webp"],
};
const others = ["prompt", "n", "size", "output_compression", "partial_images", "user"];
/** Made up, as the document has none (NK-15); millionths of a dollar. */
const prices: Readonly<Record<string, number | readonly number[]>> = {
  "gpt-image-2-1k": 40_000,
  "gpt-image-2-2k": 80_500,
  "gpt-image-2-4k": 160_000,
  "gpt-image-2-vip": 99_500,
  "gpt-image-2": [20_000, 50_000, 100_000],
};

/** By the longest side, as apimodels.app bills. */
function imagePrice(model: string, { width, height }: Made): number {
  const price = prices[model] ?? Number.NaN;
  const longest = Math.max(width, height);
  return typeof price === "number" ? price : (price[longest <= 1536 ? 0 : longest <= 2048 ? 1 : 2] ?? Number.NaN);
}

/** A service that plays NodeKey strictly by its document on 127.0.0.1. */
export function startFakeNodeKey(options: FakeOptions = {}): Promise<FakeService> {
  const rules: ServiceRules = {
    read,
    //
    errorBody: ({ code, message }) => ({
      error: { message: `${message} (request id: 2026112012000012345)`, type: "new_api_error", param: "", code },
    }),
    sizeMade: ({ model, size }) => String(size ?? sizesOf[String(model)]?.[0] ?? "1024x1024"),
    //
    document: (images) => ({
      created: 0,
      data: images.map((image) => ({ url: "", b64_json: "", revised_prompt: "a fox", ...image })),
      usage,
    }),
    charge: ({ fields }, made) => imagePrice(String(fields.model), made) * made.count,
  };
  return new FakeService(rules, options).listen();
}

/** NK-1 to NK-12. Throws Violation. */
async function read(request: IncomingMessage, path: string, apiKey: string): Promise<Upload> {
  const { authorization, "content-type": type = "" } = request.headers;
  //
  if (authorization !== `Bearer ${apiKey}`) throw new Violation("", "无效的令牌", 401);
  if (path !== "/v1/images/generations") throw new Violation("invalid_request", `Invalid URL (POST ${path})`, 404);
  if (!/^application\/json\b/.test(type)) throw new Violation("invalid_request", "needs JSON");
  const fields = await readJson(request);
  checkFields(fields);
  return { fields, files: [] };
}

function checkFields(fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) checkField(name, value);
  const { model, prompt, n = 1, size, output_compression: compression, output_format: format = "png" } = fields;
  if (model === undefined) throw invalid("model is required");
  if (typeof prompt !== "string" || prompt === "") throw invalid("prompt is required");
  //
  if (!Number.isInteger(n) || Number(n) < 0 || Number(n) > 10) throw invalid("n must be 1 to 10");
  const listed = sizesOf[String(model)];
  //
  if (size !== undefined && listed && !listed.includes(String(size))) throw invalid(`${size} is no size of ${model}`);
  if (compression !== undefined && (!Number.isInteger(compression) || format === "png")) {
    throw invalid("output_compression must be an integer, for jpeg and webp");
  }
}

function checkField(name: string, value: unknown): void {
  const allowed = enums[name];
  if (!allowed && !others.includes(name)) throw invalid(`unknown field ${name}`);
  if (allowed && !allowed.includes(value as string)) throw invalid(`${name} must be one of ${allowed}`);
}

function invalid(message: string): Violation {
  return new Violation("invalid_request", message);
}

/** NK-14. */
const usage = {
  prompt_tokens: 9,
  completion_tokens: 1756,
  total_tokens: 1765,
  input_tokens: 9,
  output_tokens: 1756,
  prompt_tokens_details: { text_tokens: 9, image_tokens: 0, cached_tokens: 0 },
  completion_tokens_details: { image_tokens: 1756, text_tokens: 0 },
};
