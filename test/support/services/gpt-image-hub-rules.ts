import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import sharp from "sharp";

/** A paid request as the service understands it. */
export interface HubUpload {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly HubFile[];
}

interface HubFile {
  readonly field: string;
  readonly filename: string;
  readonly mimeType: string;
  readonly sha256: string;
  readonly data: Buffer;
}

/** The request breaks the document: the service answers it with `status` and `code`. */
export class HubViolation extends Error {
  readonly status: number;
  readonly code: string;

  constructor(message: string, code = "invalid_request", status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** GH-11. */
export const hubRatios = "1:1 4:3 3:4 3:2 2:3 16:9 9:16 5:4 4:5 21:9 9:21 2:1 1:2 3:1 1:3".split(" ");
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: ["gpt-image-2"],
  aspect_ratio: ["auto", ...hubRatios],
  quality: ["1K", "2K", "4K"],
};
/** GH-18. */
const types = ["image/png", "image/jpeg", "image/webp"];
const maxFileBytes = 50 * 1024 * 1024;

/** GH-2, GH-23, GH-24. Throws HubViolation. */
export function checkKey(authorization: string | undefined, apiKey: string): void {
  if (authorization === undefined) throw new HubViolation("Missing API key", "missingApiKey", 401);
  if (authorization !== `Bearer ${apiKey}`) throw new HubViolation("Invalid API key", "invalidApiKey", 401);
}

/** Reads a generation, JSON without and a form with references (GH-16), and holds it against the document. Throws HubViolation. */
export async function readUpload(request: IncomingMessage): Promise<HubUpload> {
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("multipart/form-data")) return readForm(request);
  if (!/^application\/json\b/.test(type)) throw new HubViolation("Unsupported content type");
  const body = Buffer.concat(await Array.fromAsync(request)).toString("utf8");
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(body);
  } catch {
    throw new HubViolation("Invalid request body");
  }
  checkFields(fields);
  if (!Number.isInteger(fields.n ?? 1)) throw new HubViolation("n must be an integer");
  checkCount(Number(fields.n ?? 1));
  return { fields, files: [] };
}

async function readForm(request: IncomingMessage): Promise<HubUpload> {
  if (request.headers["content-length"] === undefined) throw new HubViolation("no content-length");
  const upload = await parse(request);
  const n = String(upload.fields.n ?? "1");
  checkFields(upload.fields);
  checkCount(/^\d+$/.test(n) ? Number(n) : Number.NaN);
  await checkFiles(upload.files);
  return upload;
}

async function parse(request: IncomingMessage): Promise<HubUpload> {
  const form = new Busboy({ headers: request.headers as BusboyHeaders });
  const fields: Record<string, string> = {};
  const reading: Promise<HubFile>[] = [];
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
  if (twice) throw new HubViolation(`${twice} is given twice`);
  return { fields, files: await Promise.all(reading) };
}

function checkFields(fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name === "prompt" || name === "n") continue;
    if (!allowed[name]) throw new HubViolation(`unknown field ${name}`);
    if (!allowed[name].includes(value as string)) throw new HubViolation(`${name} must be one of ${allowed[name]}`);
  }
  if (fields.model === undefined) throw new HubViolation("model is required");
  //
  if (typeof fields.prompt !== "string" || fields.prompt === "") throw new HubViolation("prompt is required");
}

/** GH-13. */
function checkCount(n: number): void {
  if (!(n >= 1 && n <= 4)) throw new HubViolation("n must be from 1 to 4");
}

/** GH-15, GH-17, GH-18. */
async function checkFiles(files: readonly HubFile[]): Promise<void> {
  if (files.length === 0) throw new HubViolation("a form without reference images");
  if (files.length > 16) throw new HubViolation("too many reference images");
  for (const { field, mimeType, data } of files) {
    if (field !== "reference_image") throw new HubViolation(`unknown file ${field}`);
    if (data.length > maxFileBytes) throw new HubViolation("a reference image is larger than 50 MB");
    const { format } = await sharp(data)
      .metadata()
      .catch(() => ({ format: "no image" }));
    if (!types.includes(mimeType) || mimeType !== `image/${format}`) {
      throw new HubViolation(`a reference image is ${format}, declared as ${mimeType}`);
    }
  }
}
