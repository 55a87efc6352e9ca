import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import type { Request } from "express";
import type { AnyCommand } from "../../command/command.ts";
import { Refusal } from "../../errors.ts";
import type { IncomingImage } from "../../image.ts";
import { clip } from "../../text/words.ts";
import type { World } from "../../world.ts";
import type { FormParts } from "./answers.ts";
import { Problem } from "./problem.ts";

/** Sixteen references and a mask; 50 MB is what gpt-image-2's own API takes in one image. */
export const uploadLimits = { files: 17, fileBytes: 50_000_000, bodyBytes: 200_000_000 };

const leftOverMs = 60 * 60 * 1000;

export interface UploadOptions {
  /** Belongs to this room alone; files lie here while one request is served. */
  readonly directory: string;
  readonly world: World;
}

/** Makes the directory, and empties it of what a killed process left an hour ago or earlier. */
export async function prepareUploads({ directory, world }: UploadOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const { mtimeMs } = await stat(path);
    if (mtimeMs < world.now() - leftOverMs) await rm(path, { force: true });
  }
}

/** Streams a multipart form to temporary files, gives it to `use`, and removes the files whatever happens. */
export async function withParts<Result>(
  req: Request,
  command: Pick<AnyCommand, "fields">,
  options: UploadOptions,
  use: (parts: FormParts) => Promise<Result>,
): Promise<Result> {
  const upload = new Upload(command, options);
  try {
    return await use(await upload.receive(req));
  } finally {
    await upload.discard();
  }
}

class Upload {
  readonly #values = new Map<string, string>();
  readonly #files = new Map<string, IncomingImage[]>();
  readonly #streams: BusboyFileStream[] = [];
  readonly #writes: Promise<void>[] = [];
  readonly #paths: string[] = [];
  readonly #command: Pick<AnyCommand, "fields">;
  readonly #options: UploadOptions;
  #fault: Error | undefined;

  constructor(command: Pick<AnyCommand, "fields">, options: UploadOptions) {
    this.#command = command;
    this.#options = options;
  }

  async receive(req: Request): Promise<FormParts> {
    const form = openForm(req);
    form.on("field", (name, value, _, truncated) => this.#takeField(name, value, truncated));
    form.on("file", (name, stream, filename) => this.#takeFile(form, name, stream, filename));
    for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
      form.on(limit, () => this.#fail(new Problem(413, "tooLarge")));
    }
    await pipeline(req, form).catch(() => this.#fail(new Problem(400, "notUnderstood")));
    if (this.#fault) for (const stream of this.#streams) stream.destroy(); // a form cut short never ends them
    await Promise.all(this.#writes);
    if (this.#fault) throw this.#fault;
    return { values: this.#values, files: this.#files };
  }

  async discard(): Promise<void> {
    await Promise.all(this.#paths.map((path) => rm(path, { force: true })));
  }

  #takeField(name: string, value: string, truncated: boolean): void {
    if (!this.#knows(name)) return;
    if (truncated) this.#fail(new Problem(413, "tooLarge"));
    this.#values.set(name, value);
  }

  #takeFile(form: BusboyInstance, name: string, stream: BusboyFileStream, filename: string | undefined): void {
    this.#streams.push(stream);
    if (!this.#knows(name) || !filename) return void stream.resume();
    const path = join(this.#options.directory, this.#options.world.id());
    const image = { filename: cleanName(filename), source: { path } };
    this.#paths.push(path);
    this.#files.set(name, [...(this.#files.get(name) ?? []), image]);
    const written = pipeline(stream, createWriteStream(path, { flags: "wx", mode: 0o600 })).then(
      () => stream.truncated && this.#fail(tooLarge(image.filename)),
      (error) => {
        this.#fail(error.code === "ENOSPC" ? new Refusal("disk-full", {}) : error);
        form.destroy(error); // else it waits for this file to be read
      },
    );
    this.#writes.push(written.then(() => undefined));
  }

  #knows(name: string): boolean {
    const known = Object.hasOwn(this.#command.fields, name);
    if (!known) this.#fail(new Problem(400, "unknownField", { name }));
    return known;
  }

  /** The first fault is the one that is told; the rest of the form is still read, so that the browser hears it. */
  #fail(error: Error): void {
    this.#fault ??= error;
  }
}

function openForm(req: Request): BusboyInstance {
  const type = req.headers["content-type"];
  if (!type?.startsWith("multipart/form-data")) throw new Problem(415, "notUnderstood");
  const { files, fileBytes: fileSize } = uploadLimits;
  try {
    return new Busboy({
      headers: { ...req.headers, "content-type": type },
      limits: { files, fileSize, fields: 40, fieldSize: 200_000, fieldNameSize: 100, headerPairs: 20 },
    });
  } catch {
    throw new Problem(400, "notUnderstood"); // no boundary
  }
}

function tooLarge(filename: string): Refusal {
  return new Refusal("image-too-large", { filename, limitMegabytes: uploadLimits.fileBytes / 1_000_000 });
}

/** Shown in sentences, never used as a path. */
function cleanName(filename: string): string {
  return clip(filename.replace(/[\p{Cc}\p{Cf}]/gu, ""), 80);
}
