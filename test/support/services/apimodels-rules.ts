import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import sharp, { type Metadata } from "sharp";

/** A paid request as the service understands it. */
export interface ModelsUpload {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly ModelsFile[];
}

interface ModelsFile {
  readonly field: string;
  readonly mimeType: string;
  readonly sha256: string;
  readonly data: Buffer;
}

/** The request breaks the document: the service answers it with `status`. */
export class ModelsViolation extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** AM-5 to AM-8, in credits of a tenth of a cent. */
const prices: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "1K": { low: 5, medium: 25, auto: 25, high: 70 },
  "2K": { low: 10, medium: 40, auto: 40, high: 100 },
  "4K": { low: 15, medium: 60, auto: 60, high: 230 },
};

const resolutions = ["1K", "2K", "4K"];
/** The fields about references are not played: the bot never hands URLs over, and sends files as a form. */
const bothFields = ["model", "prompt", "size", "quality", "n", "background"];
const generationFields = [...bothFields, "aspect_ratio", "resolution", "callback_url"];
const editFields = [...bothFields, "response_format"];

/** Reads a JSON generation and holds it against the document. Throws ModelsViolation. */
export async function readModelsGeneration(request: IncomingMessage): Promise<ModelsUpload> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw new ModelsViolation("invalid_content_type", "generations take application/json", 415);
  }
  const body = Buffer.concat(await Array.fromAsync(request)).toString("utf8");
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(body);
  } catch {
    throw new ModelsViolation("invalid_json", "the body is no JSON");
  }
  checkFields(fields, generationFields);
  checkCount(Number.isInteger(fields.n ?? 1) ? Number(fields.n ?? 1) : Number.NaN);
  checkTask(fields);
  return { fields, files: [] };
}

/** Reads a multipart edit (AM-18) and holds it against the document. Throws ModelsViolation. */
export async function readModelsEdit(request: IncomingMessage): Promise<ModelsUpload> {
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) {
    throw new ModelsViolation("invalid_content_type", "edits take multipart", 415);
  }
  if (request.headers["content-length"] === undefined) {
    throw new ModelsViolation("length_required", "no content-length", 411);
  }
  const { fields, files } = await parseForm(request);
  checkFields(fields, editFields);
  checkCount(/^\d+$/.test(fields.n ?? "1") ? Number(fields.n ?? 1) : Number.NaN);
  // what an edit without size comes to is not known, so it is no good request.
  if (fields.size === undefined) throw new ModelsViolation("missing_parameter", "size is required");
  oneOf(fields, "response_format", ["b64_json", "url"]);
  await checkFiles(files);
  return { fields, files };
}

/** Width and height that are made for a request (AM-13, X-22). */
export function pixelsFor(fields: ModelsUpload["fields"]): readonly [number, number] {
  if (fields.size !== undefined) return pixelsOf(fields.size);
  const [across, down] = ratioOf(fields.aspect_ratio ?? "1:1");
  const tier = String(fields.resolution ?? "1K");
  const shape = Math.max(across, down) / Math.min(across, down);
  const square = tier === "1K" ? 1024 : 2048;
  const longest = shape === 1 ? square : { "1K": 1536, "2K": 2048, "4K": 3840 }[tier];
  const long = tier === "4K" && shape === 1 ? 2880 : Number(longest);
  const short = Math.round(long / shape / 16) * 16;
  return across < down ? [short, long] : [long, short];
}

/** Prices a request that succeeds. */
export function costOf(fields: ModelsUpload["fields"], count: number): number {
  const longest = Math.max(...pixelsFor(fields));
  const tier = longest <= 1536 ? "1K" : longest <= 2048 ? "2K" : "4K"; // AM-10
  return (prices[tier]?.[String(fields.quality ?? "medium")] ?? Number.NaN) * count; // AM-24
}

/** AM-15. */
export function isTask({ size, callback_url }: ModelsUpload["fields"]): boolean {
  return size === undefined || callback_url !== undefined;
}

function checkFields(fields: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) throw new ModelsViolation("unknown_parameter", `Unknown parameter: '${name}'`);
  }
  if (fields.model !== "gpt-image-2-all") throw new ModelsViolation("model_not_found", "no such model", 404);
  if (typeof fields.prompt !== "string" || fields.prompt === "") {
    throw new ModelsViolation("missing_parameter", "prompt is required");
  }
  oneOf(fields, "quality", ["low", "medium", "high", "auto"]);
  oneOf(fields, "background", ["transparent", "opaque", "auto"]);
  if (fields.size !== undefined) checkPixels(...pixelsOf(fields.size));
}

/** the document is silent; the fake takes what OpenAI takes. */
function checkCount(n: number): void {
  if (!(n >= 1 && n <= 10)) throw new ModelsViolation("invalid_value", "n must be an integer from 1 to 10");
}

function checkTask(fields: Readonly<Record<string, unknown>>): void {
  const { size, aspect_ratio, resolution, callback_url } = fields;
  // the service only warns, but nobody who sends both knows what comes of it.
  if (size !== undefined && (aspect_ratio ?? resolution) !== undefined) {
    throw new ModelsViolation("invalid_value", "size excludes aspect_ratio and resolution");
  }
  if (aspect_ratio !== undefined) ratioOf(aspect_ratio);
  oneOf(fields, "resolution", resolutions);
  if (callback_url !== undefined && !URL.canParse(String(callback_url))) {
    throw new ModelsViolation("invalid_value", "callback_url must be a URL");
  }
}

function pixelsOf(size: unknown): readonly [number, number] {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(String(size)) ?? [];
  // `auto` too.
  if (!width || !height) throw new ModelsViolation("invalid_value", "size must be WxH");
  return [Number(width), Number(height)];
}

/** AM-12, X-21. */
function checkPixels(width: number, height: number): void {
  const [short, long] = width < height ? [width, height] : [height, width];
  const pixels = width * height;
  const legal = width % 16 === 0 && height % 16 === 0 && long <= 3840 && long <= 3 * short;
  if (!legal || pixels < 655_360 || pixels > 8_294_400) {
    throw new ModelsViolation("invalid_value", `${width}x${height} breaks the rules for sizes`);
  }
}

/** */
function ratioOf(ratio: unknown): readonly [number, number] {
  const [, across, down] = /^([1-9]\d?):([1-9]\d?)$/.exec(String(ratio)) ?? [];
  const shape = Number(across) / Number(down);
  if (!(shape <= 3 && shape >= 1 / 3)) throw new ModelsViolation("invalid_value", "aspect_ratio must be a:b up to 3:1");
  return [Number(across), Number(down)];
}

async function parseForm(request: IncomingMessage): Promise<{ fields: Record<string, string>; files: ModelsFile[] }> {
  const form = new Busboy({ headers: request.headers as BusboyHeaders });
  const fields: Record<string, string> = {};
  const reading: Promise<ModelsFile>[] = [];
  let twice: string | undefined;
  form.on("field", (name, value) => {
    if (name in fields) twice = name;
    fields[name] = value;
  });
  form.on("file", (field, stream, _filename, _encoding, mimeType) => {
    const read = Array.fromAsync<Buffer>(stream).then((chunks) => {
      const data = Buffer.concat(chunks);
      return { field, mimeType, data, sha256: createHash("sha256").update(data).digest("hex") };
    });
    reading.push(read);
  });
  await pipeline(request, form);
  if (twice) throw new ModelsViolation("duplicate_parameter", `${twice} is given twice`);
  return { fields, files: await Promise.all(reading) };
}

/** AM-18, AM-20, X-27, X-43; OpenAI's own rules where the document is silent. */
async function checkFiles(files: readonly ModelsFile[]): Promise<void> {
  const images = files.filter(({ field }) => ["image", "image[]", "images", "images[]"].includes(field));
  const masks = files.filter(({ field }) => field === "mask");
  if (images.length + masks.length !== files.length) throw new ModelsViolation("unknown_parameter", "Unknown file");
  if (images.length === 0) throw new ModelsViolation("missing_parameter", "image is required");
  if (images.length > 16 || masks.length > 1) throw new ModelsViolation("invalid_value", "too many files");
  const seen = await Promise.all([...images, ...masks].map(look));
  const [first, mask] = [seen[0], masks.length > 0 ? seen.at(-1) : undefined];
  if (mask && (!mask.hasAlpha || mask.width !== first?.width || mask.height !== first.height)) {
    throw new ModelsViolation("invalid_mask", "mask must have alpha and the size of the first image");
  }
}

async function look({ data, mimeType }: ModelsFile): Promise<Metadata> {
  const metadata = await sharp(data)
    .metadata()
    .catch(() => undefined);
  if (metadata && mimeType === `image/${metadata.format}`) return metadata;
  throw new ModelsViolation("invalid_image_file", `no image, or not ${mimeType}`);
}

function oneOf(fields: Readonly<Record<string, unknown>>, name: string, allowed: readonly string[]): void {
  const value = fields[name];
  if (value !== undefined && !allowed.includes(value as string)) {
    throw new ModelsViolation("invalid_value", `${name} must be one of ${allowed.join(", ")}`);
  }
}
