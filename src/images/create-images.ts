import type { LookupFunction } from "node:net";
import type { Log } from "../world.ts";
import { createDownloader } from "./download.ts";
import { fitImage } from "./fit.ts";
import type { Images } from "./images.ts";
import { readReceived } from "./received.ts";
import { createSpool } from "./spool.ts";
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
  /** Of a member's file, and of what is made of it; services take 50 MB. */
  readonly maxInputBytes?: number;
  readonly timeouts?: Partial<ImageTimeouts>;
  /** How names are resolved; the system's way by default. */
  readonly lookup?: LookupFunction;
}

interface ImageTimeouts {
  readonly connectMs: number;
  /** One member's file, redirects included. */
  readonly inputMs: number;
  /** One result, redirects included. */
  readonly resultMs: number;
  /** Decoding and encoding one image; whole seconds. */
  readonly decodeSeconds: number;
}

const defaultTimeouts: ImageTimeouts = { connectMs: 10_000, inputMs: 60_000, resultMs: 300_000, decodeSeconds: 20 };

/** The images room: everything that touches image bytes, in one directory of this machine. */
export function createImages(options: ImagesOptions): Images {
  const { trustedOrigins, lookup, log } = options;
  const { connectMs, inputMs, resultMs, decodeSeconds } = { ...defaultTimeouts, ...options.timeouts };
  const spool = createSpool(options.directory);
  const download = createDownloader({ trustedOrigins, lookup, connectTimeoutMs: connectMs });
  const maxBytes = options.maxInputBytes ?? 50_000_000;
  const intake: Intake = { spool, download, log, maxBytes, timeoutMs: inputMs, decodeSeconds };
  return {
    take: (incoming) => takeImage(intake, incoming),
    takeMask: (incoming, first) => takeMask(intake, incoming, first),
    openResult: spool.openResult,
    finish: spool.finish,
    received: (attempt) => readReceived(spool, attempt),
    async download(url, sink, signal) {
      for await (const chunk of download(url, { maxBytes: maxResultBytes, timeoutMs: resultMs, signal })) {
        await sink.write(chunk);
      }
    },
    pathOf: ({ file }) => spool.pathOf(file),
    has: async ({ file }) => spool.exists(spool.pathOf(file)),
    hasRoom: spool.hasRoom,
    fit: (image, limit) => fitImage(spool, image, limit),
  };
}
