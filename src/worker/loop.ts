import type { Log, World } from "../world.ts";

/** Work that can be taken on and carried out one piece at a time. */
export interface Source<Piece> {
  readonly name: string;
  /** Pieces at the same time in this process. */
  readonly slots: number;
  claim(wanted: number): Promise<readonly Piece[]>;
  /** Must not throw on purpose; a throw is a bug, logged here, and the lease then brings the piece back. */
  perform(piece: Piece): Promise<void>;
}

export interface Worker {
  start(): void;
  /** There may be something to do. */
  wake(): void;
  /** Claims no more, and resolves when what was begun is done. */
  stop(): Promise<void>;
}

const pollMs = 1000;

/** Claims as long as there is work and room, at each wake-up and at least once a second. */
export function createWorker<Piece>(source: Source<Piece>, world: World, log: Log): Worker {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  let wakeUp = Promise.withResolvers<void>();
  let loop: Promise<void> = Promise.resolve();

  function begin(piece: Piece): void {
    const done = source
      .perform(piece)
      .catch((error: unknown) => log.error({ err: error, source: source.name }, "work stopped by a bug"))
      .finally(() => {
        underWay.delete(done);
        wakeUp.resolve();
      });
    underWay.add(done);
  }

  async function claimOnce(): Promise<void> {
    try {
      for (const piece of await source.claim(source.slots - underWay.size)) begin(piece);
    } catch (error) {
      log.warn({ err: error, source: source.name }, "could not claim work; trying again");
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      wakeUp = Promise.withResolvers<void>(); // before the claim: a wake-up during it must not be lost
      await claimOnce();
      const pause = new AbortController();
      await Promise.race([wakeUp.promise, world.sleep(pollMs, pause.signal)]);
      pause.abort("over"); // without a reason node makes an error with a stack, for each wake-up
    }
    await Promise.all(underWay);
  }

  return {
    start() {
      loop = run();
    },
    wake: () => wakeUp.resolve(),
    async stop() {
      stopping.abort();
      wakeUp.resolve();
      await loop;
    },
  };
}
