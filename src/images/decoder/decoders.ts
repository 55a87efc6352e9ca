import { createLanes } from "../../flow/lanes.ts";
import { findTools, type Tools } from "./confine.ts";
import type { Decoder, TaskFiles } from "./decoder.ts";
import { startDecoder } from "./decoder.ts";
import type { DecoderAnswer, DecoderTask } from "./decoder-task.ts";

/** Processes that decode and encode images, started when the first image comes, ended when none came for a while. */
export interface Decoders {
  /**
   * Results go first, and of two processes one is kept for them; members' files take turns among their members. Never
   * throws: a decoder that crashes, or takes longer than `ms`, has failed.
   */
  run(task: DecoderTask, files: TaskFiles, ms: number, member?: string): Promise<DecoderAnswer>;
  /** Process ids of those that live. */
  pids(): number[];
}

interface DecodersOptions {
  readonly processes?: number;
  readonly idleMs?: number;
  readonly maxMemoryBytes?: number;
  /** Those of this machine, by default. */
  readonly tools?: Tools;
}

/** A little more than the largest image that is let in was seen to need: 33 megapixels of WebP with transparency. */
const maxBytes = 1_500_000_000;

export function createDecoders(options: DecodersOptions = {}): Decoders {
  const { processes = 2, idleMs = 60_000, maxMemoryBytes = maxBytes } = options;
  const lanes = createLanes({ atOnce: processes, forMembers: Math.max(1, processes - 1) });
  const alive = new Set<Decoder>();
  const idle = new Map<Decoder, NodeJS.Timeout>();

  async function start(): Promise<Decoder> {
    const decoder = startDecoder({ maxMemoryBytes, tools: options.tools ?? (await findTools()) });
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

  async function perform(task: DecoderTask, files: TaskFiles, ms: number): Promise<DecoderAnswer> {
    const decoder = take([...idle.keys()].at(-1)) ?? (await start()); // the last one: the others may end
    const answer = await decoder.work(task, files, ms);
    if (task.kind === "heic")
      decoder.end(); // memory of WebAssembly only grows
    else if (decoder.isAlive()) idle.set(decoder, setTimeout(() => decoder.end(), idleMs).unref());
    return answer;
  }

  return {
    run(task, files, ms, member = "") {
      const work = () => perform(task, files, ms);
      return task.work === "fit" ? lanes.forResult(work) : lanes.forMember(member, work);
    },
    pids: () => [...alive].flatMap(({ pid }) => pid ?? []),
  };
}

/** The decoders of this process. */
export const decoders = createDecoders();
