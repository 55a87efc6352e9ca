import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { Response } from "express";

/**
 * Sends a long body in pieces, no faster than it is read; between two of them everybody else has a turn. Ends when the
 * reader leaves. What `pieces` throws before the first of them is the caller's to answer.
 */
export async function sendInPieces(res: Response, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const left = new AbortController();
  res.once("close", () => left.abort());
  try {
    for await (const piece of pieces) {
      if (res.destroyed) return;
      if (!res.write(piece)) await once(res, "drain", { signal: left.signal });
      await setImmediate();
    }
    res.end();
  } catch (error) {
    if (!left.signal.aborted) throw error;
  }
}
