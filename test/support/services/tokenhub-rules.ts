import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import sharp, { type Metadata } from "sharp";

/** A file part of an edit. */
export interface UploadedFile {
  readonly field: string;
  readonly filename: string;
  readonly mimeType: string;
  readonly sha256: string;
  readonly data: Buffer;
}

/** A paid request as the service understands it. */
export interface Upload {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly UploadedFile[];
}

/** The request breaks the document: the service answers it with `status`. */
export class Violation extends Error {
  readonly status: number;
  readonly code: string;
  /** The parameter that is wrong, where the service names it. */
  readonly parameter: string | null;

  constructor(code: string, message: string, status = 400, parameter: string | null = null) {
    super(message);
    this.code = code;
    this.parameter = parameter;
    this.status = status;
  }
}

const formats = ["png", "jpeg", "webp"];
const qualities = ["auto", "low", "medium", "high"];
/** TH-17. */
const sizes = "1024x1024 1536x1024 1024x1536 2048x2048 2048x1152 3840x2160 2160x3840 auto".split(" ");
const generationFields = ["model", "prompt", "n", "size", "quality", "format"];
const editFields = [...generationFields, "output_format", "output_compression", "input_fidelity"];

/** Reads a JSON generation (TH-5) and holds it against the document. Throws Violation. */
export async function readGeneration(request: IncomingMessage): Promise<Upload> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw new Violation("invalid_content_type", "generations take application/json", 415);
  }
  const body = Buffer.concat(await Array.fromAsync(request));
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(body.toString("utf8"));
  } catch {
    throw new Violation("invalid_json", "the body is no JSON");
  }
  checkFields(fields, generationFields, Number.isInteger(fields.n ?? 1) ? Number(fields.n ?? 1) : Number.NaN);
  return { fields, files: [] };
}

/** Reads a multipart edit (TH-6; the JSON form of TH-20 is not played) and holds it against the document. Throws Violation. */
export async function readEdit(request: IncomingMessage): Promise<Upload> {
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) throw new Violation("invalid_content_type", "edits take multipart", 415);
  if (request.headers["content-length"] === undefined) throw new Violation("length_required", "no content-length", 411);
  const { fields, files } = await parseForm(request);
  checkFields(fields, editFields, /^\d+$/.test(fields.n ?? "1") ? Number(fields.n ?? 1) : Number.NaN);
  checkEditFields(fields);
  await checkFiles(files);
  return { fields, files };
}

async function parseForm(request: IncomingMessage): Promise<{ fields: Record<string, string>; files: UploadedFile[] }> {
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

function checkFields(fields: Readonly<Record<string, unknown>>, known: readonly string[], n: number): void {
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) throw new Violation("unknown_parameter", `Unknown parameter: '${name}'`);
  }
  oneOf(fields, "model", ["openai/gpt-image-2", "gpt-image-2"]);
  if (fields.model === undefined) throw new Violation("missing_parameter", "model is required");
  if (typeof fields.prompt !== "string" || fields.prompt === "") {
    throw new Violation("missing_parameter", "prompt is required");
  }
  if (!(n >= 1 && n <= 10)) throw new Violation("invalid_value", "n must be an integer from 1 to 10");
  oneOf(fields, "size", sizes);
  oneOf(fields, "quality", qualities);
  oneOf(fields, "format", formats);
}

function checkEditFields(fields: Readonly<Record<string, string>>): void {
  oneOf(fields, "output_format", formats);
  oneOf(fields, "input_fidelity", ["low", "high"]);
  const compression = fields.output_compression;
  if (compression === undefined) return;
  if (!/^\d+$/.test(compression) || Number(compression) > 100) {
    throw new Violation("invalid_value", "output_compression must be an integer from 0 to 100");
  }
  if ((fields.output_format ?? fields.format ?? "png") === "png") {
    throw new Violation("invalid_value", "output_compression is only for jpeg and webp");
  }
}

/** TH-20, TH-21; OpenAI's own rules where the document is silent: real images, and a mask with alpha of the same size. */
async function checkFiles(files: readonly UploadedFile[]): Promise<void> {
  // TH-7: OpenAI's SDK writes several images as image[].
  const images = files.filter(({ field }) => field === "image" || field === "image[]");
  const masks = files.filter(({ field }) => field === "mask");
  if (images.length + masks.length !== files.length) throw new Violation("unknown_parameter", "Unknown file parameter");
  if (images.length === 0) throw new Violation("missing_parameter", "image is required");
  if (images.length > 16 || masks.length > 1) throw new Violation("invalid_value", "too many files");
  const seen = await Promise.all([...images, ...masks].map(look));
  const [first, mask] = [seen[0], masks.length > 0 ? seen.at(-1) : undefined];
  if (mask && (!mask.hasAlpha || mask.width !== first?.width || mask.height !== first.height)) {
    throw new Violation("invalid_mask", "mask must have alpha and the size of the first image");
  }
}

async function look({ data, mimeType }: UploadedFile): Promise<Metadata> {
  const metadata = await sharp(data)
    .metadata()
    .catch(() => undefined);
  if (!metadata) throw new Violation("invalid_image_file", "Invalid image file or mode");
  if (mimeType !== `image/${metadata.format}`)
    throw new Violation("invalid_image_file", `unsupported mimetype ('${mimeType}')`);
  return metadata;
}

function oneOf(fields: Readonly<Record<string, unknown>>, name: string, allowed: readonly string[]): void {
  const value = fields[name];
  if (value !== undefined && !allowed.includes(value as string)) {
    throw new Violation("invalid_value", `${name} must be one of ${allowed.join(", ")}`);
  }
}
