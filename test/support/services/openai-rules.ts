import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import sharp, { type Metadata } from "sharp";
import { bills } from "./openai-bills.ts";
import { type Upload, type UploadedFile, Violation } from "./tokenhub-rules.ts";

const enums: Readonly<Record<string, readonly string[]>> = {
  model: Object.keys(bills),
  quality: ["auto", "low", "medium", "high"],
  background: ["auto", "opaque", "transparent"],
  moderation: ["auto", "low"],
  output_format: ["png", "jpeg", "webp"],
};
const others = [
  "prompt",
  "n",
  "size",
  "output_compression",
  "stream",
  "partial_images",
  "user",
  "safety_identifier",
  "input_fidelity",
];
const types = ["image/png", "image/jpeg", "image/webp"];
const maxFileBytes = 50 * 1024 * 1024;

export interface OpenAiRules {
  /** does the model make transparent backgrounds? */
  readonly transparent: boolean;
  /** Fields that a relay does not take. */
  readonly refuses?: readonly string[] | undefined;
}

/** Reads a POST and holds it against OA-2 to OA-21. Throws Violation. */
export async function readOpenAi(
  request: IncomingMessage,
  path: string,
  apiKey: string,
  rules: OpenAiRules,
): Promise<Upload> {
  const { authorization, "content-type": type = "" } = request.headers;
  if (authorization === undefined) throw new Violation("", "You didn't provide an API key", 401);
  if (authorization !== `Bearer ${apiKey}`) throw new Violation("invalid_api_key", "Incorrect API key provided", 401);
  if (path === "/v1/images/generations") {
    if (!/^application\/json\b/.test(type)) throw new Violation("invalid_content_type", "needs JSON", 415);
    const upload = { fields: await readJson(request), files: [] };
    checkFields(upload.fields, rules);
    return upload;
  }
  if (path !== "/v1/images/edits") throw new Violation("not_found", "Invalid URL", 404);
  if (!type.startsWith("multipart/form-data")) throw new Violation("invalid_content_type", "needs a form", 415);
  const { fields, files } = await readForm(request);
  if ("input_fidelity" in fields && !bills[String(fields.model)]?.fidelity) {
    throw new Violation("invalid_input_fidelity_model", "The model does not support input_fidelity");
  }
  checkFields(typed(fields), rules);
  await checkFiles(files);
  return { fields, files };
}

export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString("utf8"));
  } catch {
    throw new Violation("invalid_json", "the body is no JSON");
  }
}

/** A form has nothing but text: its numbers and booleans, as JSON would have them. */
function typed(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const numbers = ["n", "output_compression", "partial_images"];
  const read = (name: string, value: string) =>
    numbers.includes(name) && /^\d+$/.test(value) ? Number(value) : name === "stream" ? value === "true" : value;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, read(name, value)]));
}

function checkFields(fields: Readonly<Record<string, unknown>>, rules: OpenAiRules): void {
  const unwanted = Object.keys(fields).find((name) => rules.refuses?.includes(name));
  if (unwanted) throw new Violation("unknown_parameter", `Unknown parameter: '${unwanted}'.`, 400, unwanted);
  for (const [name, value] of Object.entries(fields)) checkField(name, value);
  if (fields.model === undefined) throw new Violation("missing_parameter", "no model: it would be dall-e-2");
  const { prompt, n = 1, output_format: format = "png", user = "" } = fields;
  if (typeof prompt !== "string" || prompt === "" || prompt.length > 32_000) throw invalid("prompt", "1 to 32000 long");
  if (!within(n, 1, 10)) throw invalid("n", "1 to 10");
  if (typeof user !== "string" || user.length > 64) throw invalid("user", "a short hash");
  checkSizeOf(String(fields.model), String(fields.size ?? "auto"));
  checkCompression(fields.output_compression, format);
  if (
    fields.background === "transparent" &&
    (!(rules.transparent || bills[String(fields.model)]?.transparent) || format === "jpeg")
  ) {
    throw invalid("background", "opaque: transparent is not supported by this model, or in jpeg");
  }
  checkStream(fields, n);
}

function checkField(name: string, value: unknown): void {
  const allowed = enums[name];
  // OA-13: response_format and style are among these.
  if (!allowed && !others.includes(name)) throw new Violation("unknown_parameter", `Unknown parameter: '${name}'.`);
  if (allowed && !allowed.includes(value as string)) throw invalid(name, `one of ${allowed}`);
}

/** OA-11. */
function checkCompression(compression: unknown, format: unknown): void {
  if (compression === undefined) return;
  if (!within(compression, 0, 100)) throw invalid("output_compression", "0 to 100");
  if (format === "png") throw invalid("output_compression", "only for jpeg and webp");
}

/** OA-12; that only one image can be streamed is the service's own message. */
function checkStream({ stream = false, partial_images: partial }: Readonly<Record<string, unknown>>, n: unknown): void {
  if (typeof stream !== "boolean") throw invalid("stream", "true or false");
  if (stream && n !== 1) throw new Violation("invalid_value", "Streaming is only supported with n=1.");
  if (partial === undefined) return;
  if (!stream || !within(partial, 0, 3)) throw invalid("partial_images", "0 to 3, of a stream");
}

/** OA-6: models before gpt-image-2 make three sizes. */
function checkSizeOf(model: string, size: string): void {
  const few = ["auto", "1024x1024", "1536x1024", "1024x1536"];
  if (bills[model]?.fewSizes && !few.includes(size)) throw invalid("size", `one of ${few}`);
  checkSize(size);
}

function checkSize(size: string): void {
  if (size === "auto") return;
  const [width = 0, height = 0] = (/^(\d+)x(\d+)$/.exec(size) ?? []).slice(1).map(Number);
  const [short, long] = width < height ? [width, height] : [height, width];
  if (short === 0 || width % 16 !== 0 || height % 16 !== 0) throw invalid("size", "multiples of 16");
  if (long > 3840) throw invalid("size", "longest edge must be <= 3840");
  if (long > 3 * short) throw invalid("size", "no wider than 3:1");
  if (width * height < 655_360) throw invalid("size", "below the current minimum pixel budget");
  if (width * height > 8_294_400) throw invalid("size", "above the current maximum pixel budget");
}

/** OA-17, OA-19, OA-21. */
async function checkFiles(files: readonly UploadedFile[]): Promise<void> {
  const images = files.filter(({ field }) => field !== "mask");
  const masks = files.filter(({ field }) => field === "mask");
  const field = images.length === 1 ? "image" : "image[]";
  if (images.some((image) => image.field !== field)) throw new Violation("unknown_parameter", `files are no ${field}`);
  if (images.length === 0 || images.length > 16 || masks.length > 1) throw invalid("image", "1 to 16 images");
  const seen = await Promise.all([...images, ...masks].map(look));
  const [first, mask] = [seen[0], masks.length > 0 ? seen.at(-1) : undefined];
  if (mask && (mask.format !== "png" || !mask.hasAlpha)) throw invalid("mask", "a PNG with alpha");
  if (mask && (mask.width !== first?.width || mask.height !== first.height)) {
    throw new Violation("invalid_mask_image_format", "the mask has not the size of the first image");
  }
}

async function look({ data, mimeType }: UploadedFile): Promise<Metadata> {
  if (!types.includes(mimeType))
    throw new Violation("unsupported_file_mimetype", `unsupported mimetype ('${mimeType}')`);
  if (data.length >= maxFileBytes) throw new Violation("invalid_image_file", "larger than 50 MB");
  const metadata = await sharp(data)
    .metadata()
    .catch(() => undefined);
  if (mimeType !== `image/${metadata?.format}`) throw new Violation("invalid_image_file", "Invalid image file or mode");
  return metadata as Metadata;
}

async function readForm(request: IncomingMessage): Promise<{ fields: Record<string, string>; files: UploadedFile[] }> {
  const form = new Busboy({ headers: request.headers as BusboyHeaders });
  const fields: Record<string, string> = {};
  const reading: Promise<UploadedFile>[] = [];
  let twice: string | undefined;
  form.on("field", (name, value) => {
    if (name in fields) twice = name;
    fields[name] = value;
  });
  form.on("file", (field, stream, filename, _encoding, mimeType) => {
    const read = Array.fromAsync<Buffer>(stream).then((chunks) => {
      const data = Buffer.concat(chunks);
      return { field, filename, mimeType, data, sha256: createHash("sha256").update(data).digest("hex") };
    });
    reading.push(read);
  });
  await pipeline(request, form);
  if (twice) throw new Violation("duplicate_parameter", `${twice} is given twice`);
  return { fields, files: await Promise.all(reading) };
}

function within(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function invalid(name: string, must: string): Violation {
  return new Violation("invalid_value", `${name} must be ${must}`);
}
