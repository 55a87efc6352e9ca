import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { ProviderError } from "../../src/errors.ts";
import type { ImageFormat, ImageSink, StoredImage } from "../../src/image.ts";
import type { CallContext, Provider, ProviderEvent, ProviderTools } from "../../src/providers/provider.ts";
import type { Request } from "../../src/request.ts";
import { impatientWorld, memoryCache } from "../support/world.ts";

/** A place for one image in memory, with what became of it. */
interface TestSink extends ImageSink {
  readonly index: number;
  state: "open" | "committed" | "discarded";
  readonly bytes: Buffer;
}

export interface TestCall extends CallContext {
  readonly sinks: readonly TestSink[];
  /** Bytes of committed images by index. */
  readonly images: ReadonlyMap<number, Buffer>;
  readonly beforeSends: number;
}

/** Makes the context of one paid call, kept in memory; single parts can be replaced. */
export function testCall(replaced: Partial<CallContext> = {}): TestCall {
  const sinks: TestSink[] = [];
  let beforeSends = 0;
  return {
    sinks,
    get images() {
      return new Map(sinks.filter(({ state }) => state === "committed").map(({ index, bytes }) => [index, bytes]));
    },
    get beforeSends() {
      return beforeSends;
    },
    signal: new AbortController().signal,
    attempt: "attempt-1",
    endUser: "member-1",
    pathOf: ({ file }) => file,
    download: fetchInto,
    ...replaced,
    async beforeSend() {
      beforeSends += 1;
      await replaced.beforeSend?.();
    },
    async openImage(index) {
      const sink = replaced.openImage ? await replaced.openImage(index) : undefined;
      sinks.push(memorySink(index, sink));
      return sinks.at(-1) as TestSink;
    },
  };
}

/** A world in which waiting takes no time, and a cache. */
export function testTools(): ProviderTools & { readonly world: ReturnType<typeof impatientWorld> } {
  return { world: impatientWorld(), cache: memoryCache(), notes: memoryCache() };
}

/** Runs a call to its end. */
export async function run(provider: Provider, request: Request, call: TestCall): Promise<ProviderEvent[]> {
  return Array.fromAsync(provider.generate(request, call));
}

/** The ProviderError with which a call ends; anything else fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => new Error("the call succeeded"),
    (reason) => reason,
  );
  if (error instanceof ProviderError) return error;
  throw error;
}

export function testRequest(changed: Partial<Request> = {}): Request {
  return {
    prompt: "a fox",
    references: [],
    size: { width: 1024, height: 1024 },
    quality: "auto",
    count: 1,
    format: "png",
    background: "auto",
    fidelity: "low",
    moderation: "auto",
    private: false,
    ...changed,
  };
}

/** Real images on disk to start from; `file` is the whole path. */
export async function imageFolder(): Promise<{
  image(name: string, width: number, height: number, format: ImageFormat, alpha?: number): Promise<StoredImage>;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-providers-"));
  return {
    async image(name, width, height, format, alpha = 1) {
      const background = { r: 200, g: 30, b: 60, alpha };
      const bytes = await sharp({ create: { width, height, channels: 4, background } })
        .toFormat(format)
        .toBuffer();
      const file = join(folder, `${name}.${format}`);
      await writeFile(file, bytes);
      return { file, width, height, format, bytes: bytes.length, sha256: sha256(bytes) };
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function memorySink(index: number, under: ImageSink | undefined): TestSink {
  const chunks: Buffer[] = [];
  const end = (to: "committed" | "discarded") => {
    if (sink.state !== "open") throw new Error(`the sink of image ${index} is ${sink.state}, and cannot be ${to}`);
    sink.state = to;
  };
  const sink: TestSink = {
    index,
    state: "open",
    get bytes() {
      return Buffer.concat(chunks);
    },
    async write(chunk) {
      await under?.write(chunk);
      chunks.push(Buffer.from(chunk)); // a copy: the caller may use the chunk again
    },
    async commit() {
      await under?.commit();
      end("committed");
    },
    async discard() {
      await under?.discard();
      end("discarded");
    },
  };
  return sink;
}

async function fetchInto(url: string, sink: ImageSink): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new ProviderError("test", "damaged", `HTTP ${response.status}`);
  await sink.write(new Uint8Array(await response.arrayBuffer()));
}
