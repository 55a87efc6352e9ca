import { bulkhead } from "cockatiel";
import type { Decoder } from "./decoder.ts";
import { startDecoder } from "./decoder.ts";
import type { DecoderAnswer, DecoderTask } from "./decoder-task.ts";

/** Processes that decode and encode images, started when the first image comes, ended when none came for a while. */
export interface Decoders {
  /** First come, first served. Never throws: a decoder that crashes, or takes longer than `ms`, has failed. */
  run(task: DecoderTask, ms: number): Promise<DecoderAnswer>;
  /** Process ids of those that live. */
  pids(): number[];
}

/** A little more than the largest image that is let in was seen to need: 33 megapixels of WebP with transparency. */
const maxBytes = 1_500_000_000;

export function createDecoders({ processes = 2, idleMs = 60_000, maxMemoryBytes = maxBytes } = {}): Decoders {
  const places = bulkhead(processes, Number.POSITIVE_INFINITY);
  const alive = new Set<Decoder>();
  const idle = new Map<Decoder, NodeJS.Timeout>();

  function start(): Decoder {
    const decoder = startDecoder(maxMemoryBytes);
    alive.add(decoder);
    decoder.onEnd(() => {
      alive.delete(decoder);
      take(decoder);
    });
    return decoder;
  }

  function take(decoder: Decoder | undefined): Decoder | undefined {
    if (!decoder) return undefined;
    clearTimeout(idle.get(decoder));
    idle.delete(decoder);
    return decoder.isAlive() ? decoder : undefined;
  }

  return {
    run: (task, ms) =>
      places.execute(async () => {
        const decoder = take([...idle.keys()].at(-1)) ?? start(); // the last one: the others may end
        const answer = await decoder.work(task, ms);
        if (decoder.isAlive()) idle.set(decoder, setTimeout(() => decoder.end(), idleMs).unref());
        return answer;
      }),
    pids: () => [...alive].flatMap(({ pid }) => pid ?? []),
  };
}

/** The decoders of this process. */
export const decoders = createDecoders();
