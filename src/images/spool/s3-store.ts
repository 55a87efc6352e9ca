import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ListObjectsV2Output, S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore, StoredObject } from "./object-store.ts";

/** The bucket in which shared images are kept, of anything that speaks S3. */
export interface S3Options {
  readonly bucket: string;
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string;
  /** Not Amazon's own: then buckets are named in the path. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** By default, what the machine itself is given (environment, instance role). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** So long a file may stand still on its way. */
  readonly timeoutMs?: number;
  /** So long the storage may think before it answers a question, all its tries together. */
  readonly answerMs?: number;
}

type Sdk = typeof import("@aws-sdk/client-s3");

/** Three tries for each small request; files are tried once, because `Uploads` tries again. The SDK is loaded at the first call. */
export function createS3Store(options: S3Options): ObjectStore {
  const { bucket: Bucket, prefix } = options;
  const start = prefix === "" ? "" : `${prefix}/`;
  const inTime = <Answer>(ask: Ask<Answer>) => answerWithin(options.answerMs ?? usualAnswerMs, ask);
  let loading: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  const load = () => {
    loading ??= import("@aws-sdk/client-s3").then((sdk) => ({ sdk, client: connect(sdk, options) }));
    return loading;
  };

  return {
    async put(key, path, { sha256, bytes }) {
      const { sdk, client } = await load();
      const Metadata = { sha256 };
      const Body = createReadStream(path, { highWaterMark: 256 * 1024 });
      Body.on("error", () => Body.destroy()); // the file was deleted meanwhile: that must not end the process
      const command = new sdk.PutObjectCommand({ Bucket, Key: start + key, Body, ContentLength: bytes, Metadata });
      signContent(command, sha256);
      await client.send(command).finally(() => Body.destroy());
    },
    async get(key, path) {
      const { sdk, client } = await load();
      try {
        const asked = new sdk.GetObjectCommand({ Bucket, Key: start + key });
        const { Body, Metadata } = await inTime((abortSignal) => client.send(asked, { abortSignal }));
        await receive(Body as Readable, path, Metadata?.sha256);
        return true;
      } catch (error) {
        if (error instanceof sdk.NoSuchKey) return false;
        throw error;
      }
    },
    async *list(under) {
      const { sdk, client } = await load();
      const pageAt = (ContinuationToken: string | undefined) => {
        const asked = new sdk.ListObjectsV2Command({ Bucket, Prefix: start + under, ContinuationToken });
        return inTime((abortSignal) => client.send(asked, { abortSignal }));
      };
      for await (const object of listed(pageAt)) yield { ...object, key: object.key.slice(start.length) };
    },
    async delete(key) {
      const { sdk, client } = await load();
      const asked = new sdk.DeleteObjectCommand({ Bucket, Key: start + key });
      await inTime((abortSignal) => client.send(asked, { abortSignal }));
    },
  };
}

/** Far below the time after which whoever waits for it looks dead to the other processes. */
const usualAnswerMs = 10_000;

type Ask<Answer> = (signal: AbortSignal) => Promise<Answer>;

/** Gives up when no answer has begun by then; what comes of one that has begun may take longer. */
async function answerWithin<Answer>(ms: number, ask: Ask<Answer>): Promise<Answer> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), ms);
  return ask(giveUp.signal).finally(() => clearTimeout(timer));
}

/** Page after page. */
async function* listed(pageAt: (token?: string) => Promise<ListObjectsV2Output>): AsyncGenerator<StoredObject> {
  let token: string | undefined;
  do {
    const { Contents = [], NextContinuationToken } = await pageAt(token);
    for (const { Key = "", Size: bytes = 0, LastModified } of Contents) {
      yield { key: Key, bytes, changedAt: LastModified?.getTime() ?? Number.POSITIVE_INFINITY };
    }
    token = NextContinuationToken;
  } while (token !== undefined);
}

/** The SDK warns on the console of each try that failed; who called it logs that already. */
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function connect(sdk: Sdk, { endpoint, region, credentials, timeoutMs = 60_000 }: S3Options): S3Client {
  return new sdk.S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials ? { credentials } : {}),
    // The SDK's own checksums need a way of sending that many others who speak S3 do not know.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    logger: quiet,
    requestHandler: { connectionTimeout: 5000, socketTimeout: timeoutMs },
  });
}

interface Signable {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<never>) => (args: never) => Promise<never>,
      options: { step: "build"; name: string },
    ): void;
  };
}

/** Puts the hash of the body under the signature: then the storage refuses any other bytes, also over plain http. */
function signContent(command: unknown, sha256: string): void {
  (command as Signable).middlewareStack.add(
    (next) => (args: never) => {
      (args as { request: { headers: Record<string, string> } }).request.headers["x-amz-content-sha256"] = sha256;
      return next(args);
    },
    { step: "build", name: "signContent" },
  );
}

/** Objects without a hash were put there by somebody else, and are not taken. */
async function receive(body: Readable, path: string, sha256: string | undefined): Promise<void> {
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(body, hashing, createWriteStream(path, { mode: 0o600, flags: "wx" }));
  if (hash.digest("hex") !== sha256) throw new Error("The shared storage gave other bytes than were put there");
}
