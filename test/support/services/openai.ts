import { type OpenAiRules, readOpenAi } from "./openai-rules.ts";
import { type FakeOptions, FakeService, type ImageData, type Made, type ServiceRules } from "./openai-server.ts";
import type { Upload } from "./tokenhub-rules.ts";

interface FakeOpenAiOptions extends FakeOptions, Partial<OpenAiRules> {
  /** As `GET /models/gpt-image-2` shows it. */
  readonly model?: object;
}

/** A service that plays OpenAI's Images API strictly by its description on 127.0.0.1. */
export function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeService> {
  const transparent = options.transparent ?? false;
  const rules: ServiceRules = {
    read: (request, path, apiKey) => readOpenAi(request, path, apiKey, { transparent, refuses: options.refuses }),
    get: (path) => (path === "/v1/models/gpt-image-2" ? options.model : undefined),
    errorBody: ({ code, message, parameter = null }) => ({
      error: { message, type: code === "server_error" ? code : "invalid_request_error", param: parameter, code },
    }),
    sizeMade: ({ size = "auto" }) => (size === "auto" ? "1536x1024" : String(size)),
    document: (data, upload, made) => ({
      created: 1740000000,
      ...echo(upload, made),
      data,
      usage: usage(upload, made),
    }),
    events: eventsFor,
    charge,
  };
  return new FakeService(rules, options).listen();
}

/** OA-24: dollars for a million tokens, so millionths of a dollar for one. */
const prices = { text: 5, image: 8, output: 30 };

function charge(upload: Upload, made: Made): number {
  const { input_tokens_details: input, output_tokens: output } = usage(upload, made);
  return input.text_tokens * prices.text + input.image_tokens * prices.image + output * prices.output;
}

/** OA-15: `output_tokens_details` is mostly absent. */
function usage({ fields, files }: Upload, made: Made) {
  const text = Math.ceil(Buffer.byteLength(String(fields.prompt)) / 4) * made.count;
  const image = files.length * 1844 * made.count;
  const output = outputTokens(made, qualityMade(fields)) * made.count + previews(fields) * 100;
  const details = { text_tokens: text, image_tokens: image };
  return {
    total_tokens: text + image + output,
    input_tokens: text + image,
    input_tokens_details: details,
    output_tokens: output,
  };
}

/** As the forum found it in OpenAI's own calculator, in whole numbers. */
export function outputTokens({ width, height }: Pick<Made, "width" | "height">, quality: string): number {
  const weight = { low: 16, medium: 48, high: 96 }[quality] ?? Number.NaN;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const lines = Math.floor((2 * weight * short + long) / (2 * long));
  return Math.floor((weight * lines * (2_000_000 + width * height) + 3_999_999) / 4_000_000);
}

function qualityMade({ quality = "auto" }: Upload["fields"]): string {
  return quality === "auto" ? "medium" : String(quality);
}

function previews({ stream, partial_images = 0 }: Upload["fields"]): number {
  return String(stream) === "true" ? Number(partial_images) : 0;
}

/** OA-15: what was made, where `auto` was asked. */
function echo({ fields }: Upload, { width, height }: Made): object {
  const { background = "opaque", output_format = "png" } = fields;
  return { background, output_format, quality: qualityMade(fields), size: `${width}x${height}` };
}

/** OA-16: generations and edits differ in the names of their events. */
function eventsFor(image: ImageData, upload: Upload, made: Made): object[] | undefined {
  if (String(upload.fields.stream) !== "true") return undefined;
  const kind = upload.files.length > 0 ? "image_edit" : "image_generation";
  const beside = { created_at: 1740000000, ...echo(upload, made) };
  const partial = Array.from({ length: previews(upload.fields) }, (_, at) => ({
    type: `${kind}.partial_image`,
    b64_json: Buffer.from(`preview ${at}`).toString("base64"),
    partial_image_index: at,
    ...beside,
  }));
  return [...partial, { type: `${kind}.completed`, ...image, ...beside, usage: usage(upload, made) }];
}
