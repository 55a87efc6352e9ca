import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { DownloadLimits } from "../../../src/images/download/download.ts";
import { createDownloader } from "../../../src/images/download/download.ts";
import { DownloadError } from "../../../src/images/download/download-error.ts";

const limits: DownloadLimits = { maxBytes: 1_000_000, timeoutMs: 10_000 };

/** A resolver that never leaves this machine: it answers each name with the next of these addresses, then the last. */
export function resolver(...answers: string[][]) {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    const found: LookupAddress[] = answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    process.nextTick(callback, null, found);
  };
  return { lookup, asked };
}

const toLoopback = resolver(["127.0.0.1"]);

export function downloader(trustedOrigins: string[] = [], lookup: LookupFunction = toLoopback.lookup) {
  const download = createDownloader({ trustedOrigins, connectTimeoutMs: 5_000, lookup });
  return async (url: string, more: Partial<DownloadLimits> = {}) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of download(url, { ...limits, ...more })) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
}

export async function failureOf(asked: Promise<unknown>): Promise<DownloadError> {
  const answer = await asked.then(
    () => "it was fetched",
    (error: unknown) => error,
  );
  if (!(answer instanceof DownloadError)) throw new Error("No DownloadError", { cause: answer });
  return answer;
}
