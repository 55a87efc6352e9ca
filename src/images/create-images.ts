import type { LookupFunction } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Proxies } from "../flow/proxies.ts";
import { unpacked } from "../flow/unpack.ts";
import type { Log } from "../world.ts";
import { type Decoders, decoders as sharedDecoders } from "./decoder/decoders.ts";
import { createDownloader } from "./download/download.ts";
import { DownloadError } from "./download/download-error.ts";
import { persistent } from "./download/persist.ts";
import { createFit } from "./fit.ts";
import type { Images } from "./images.ts";
import { createReceived } from "./received.ts";
import { openPreviewSink } from "./spool/preview-sink.ts";
import { createS3Store, type S3Options } from "./spool/s3-store.ts";
import { createSpool } from "./spool/spool.ts";
import { isInput } from "./spool/spool-keys.ts";
import type { UploadPatience } from "./spool/uploads.ts";
import type { Intake } from "./take.ts";
import { takeImage, takeMask } from "./take.ts";

/** A result of 4K has 8.3 million pixels of 4 bytes: even uncompressed, three of it fit. */
const maxResultBytes = 100_000_000;

export interface ImagesOptions {
  /** Created when missing. */
  readonly directory: string;
  /** `scheme://host:port` that images may be fetched from although it is plain http or a private address. */
  readonly trustedOrigins: readonly string[];
  readonly log: Log;
  /** The limit of a member's file, and of the file that is made of it; services take 50 MB. */
  readonly maxInputBytes?: number;
  readonly timeouts?: Partial<ImageTimeouts>;
  /** Pauses between tries of a result's download; a minute in all unless given. */
  readonly downloadPausesMs?: readonly number[];
  /** On the way to downloads. */
  readonly proxies?: Proxies | undefined;
  /** How names are resolved; the system's way by default. */
  readonly lookup?: LookupFunction;
  /** Storage that other machines share; without it, the images are on this machine only. */
  readonly shared?: S3Options | undefined;
  readonly sharedPatience?: UploadPatience;
  /** New files of a model's images say that a model made them, unless this is false. */
  readonly marksOrigin?: boolean;
  /** Those of this process, by default. */
  readonly decoders?: Decoders;
}

interface ImageTimeouts {
  readonly connectMs: number;
  /** One member's file, redirects included. */
  readonly inputMs: number;
  /** One result, redirects included. */
  readonly resultMs: number;
  /** Decoding and encoding one image; then its decoder is killed. */
  readonly decodeMs: number;
}

const defaultTimeouts: ImageTimeouts = { connectMs: 10_000, inputMs: 60_000, resultMs: 300_000, decodeMs: 20_000 };

/** The images room: everything that touches image bytes, in one directory of this machine. */
export function createImages(options: ImagesOptions): Images {
  const { trustedOrigins, lookup, log, decoders = sharedDecoders } = options;
  const { connectMs, inputMs, resultMs, decodeMs } = { ...defaultTimeouts, ...options.timeouts };
  const store = options.shared && createS3Store(options.shared);
  const spool = createSpool(options.directory, store && { store, log, patience: options.sharedPatience });
  const download = createDownloader({ trustedOrigins, lookup, connectTimeoutMs: connectMs, proxies: options.proxies });
  const downloadAgain = persistent(download, options.downloadPausesMs);
  const maxBytes = options.maxInputBytes ?? 50_000_000;
  const intake: Intake = { spool, download, decoders, log, maxBytes, timeoutMs: inputMs, decodeMs };
  return {
    take: (incoming, sender) => takeImage(intake, incoming, sender),
    takeMask: (incoming, first, sender) => takeMask(intake, incoming, first, sender),
    discard: async ({ file }, isNeeded) => (isInput(file) ? spool.discardInput(file, isNeeded) : undefined),
    openResult: spool.openResult,
    openPreview: (attempt, index) => openPreviewSink(join(options.directory, "scratch"), attempt, index),
    finish: spool.finish,
    received: createReceived(spool),
    async download(url, sink, signal) {
      const bytes = downloadAgain(url, { maxBytes: maxResultBytes, timeoutMs: resultMs, signal });
      let length = 0;
      // Storages hand out compressed files as they were put there.
      for await (const chunk of unpacked(Readable.from(bytes), undefined)) {
        length += chunk.length;
        if (length > maxResultBytes) throw new DownloadError("too-large", `more than ${maxResultBytes} bytes`);
        await sink.write(chunk);
      }
    },
    pathOf: ({ file }) => spool.pathOf(file),
    has: ({ file }) => spool.has(file),
    hasSpaceFor: spool.hasSpaceFor,
    fit: createFit({ spool, decoders, log, decodeMs, marksOrigin: options.marksOrigin ?? true }),
    sweep: spool.sweep,
    size: spool.size,
    async check() {
      for await (const _ of store?.list("inputs/") ?? []) break;
    },
  };
}
