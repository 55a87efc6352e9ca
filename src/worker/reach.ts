import type { Context } from "../context.ts";
import { singleFlight } from "../flow/single-flight.ts";
import type { World } from "../world.ts";

/** Which platforms this process can post to, as far as it knows. Each is asked before the first job is taken on. */
export interface Reach {
  /** The platforms that can be posted to now. */
  open(): readonly string[];
  isOpen(platform: string): boolean;
  /** A post did not get through: asks the platform whether it is there at all, and closes it while it is not. */
  confirm(platform: string): Promise<boolean>;
  /** Resolves once each platform could be posted to, or with `stop`. */
  reached(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

type Deps = Pick<Context, "platform" | "world" | "log">;

/** One platform, and how it was when it was asked last. */
interface Line {
  readonly name: string;
  readonly isOpen: boolean;
  /** Asks the platform now; those who ask at the same time share the answer. */
  ask(): Promise<boolean>;
  /** Resolves once the platform is away. */
  closed(): Promise<void>;
  /** Resolves once the platform was there. */
  readonly reached: Promise<void>;
}

/** So soon everybody knows that a platform went away, though nothing is posted. */
const askAgainMs = 15_000;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** A platform that says nothing for so long is away. */
const patienceMs = 10_000;

/** `opened` is called whenever a platform can be posted to that could not be before. */
export function createReach(deps: Deps, platforms: readonly string[], opened: () => void): Reach {
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
  const lines = platforms.map((name) => createLine(deps, name, opened));
  const find = (platform: string) => lines.find(({ name }) => name === platform);
  let watching: Promise<unknown> = Promise.resolve();

  /** Asks again and again while the platform is there; with growing pauses while it is not. */
  async function watch(line: Line): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      if (await Promise.race([line.ask(), stopped])) {
        await untilClosed(line);
        failures = 0;
        if (line.isOpen) continue;
      }
      await deps.world.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** failures), stopping.signal);
    }
  }

  /** Or until it is time to ask again. */
  async function untilClosed(line: Line): Promise<void> {
    const pause = new AbortController();
    const asleep = deps.world.sleep(askAgainMs, AbortSignal.any([pause.signal, stopping.signal]));
    await Promise.race([line.closed(), asleep]);
    pause.abort();
  }

  return {
    open: () => lines.filter(({ isOpen }) => isOpen).map(({ name }) => name),
    isOpen: (platform) => find(platform)?.isOpen === true,
    async confirm(platform) {
      const line = find(platform);
      return line?.isOpen === true && (await line.ask());
    },
    reached: async () => void (await Promise.race([Promise.all(lines.map(({ reached }) => reached)), stopped])),
    start() {
      const asked = lines.filter(({ name }) => deps.platform(name)?.ping !== undefined);
      watching = Promise.all(asked.map(watch));
    },
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

function createLine({ platform, world, log }: Deps, name: string, opened: () => void): Line {
  let isOpen = platform(name)?.ping === undefined;
  const askOnce = singleFlight<boolean>();
  let awaySince: number | undefined;
  let closing = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  if (isOpen) reached.resolve();

  function close(error: unknown): void {
    isOpen = false;
    closing.resolve();
    if (awaySince !== undefined) return;
    awaySince = world.now();
    log.warn({ platform: name, err: error }, "platform out of reach: its jobs and deliveries wait");
  }

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    reached.resolve();
    closing = Promise.withResolvers();
    const awayMs = world.now() - (awaySince ?? world.now());
    if (awaySince !== undefined) log.info({ platform: name, awayMs }, "platform in reach again: what waited goes out");
    awaySince = undefined;
    opened();
  }

  return {
    name,
    get isOpen() {
      return isOpen;
    },
    closed: () => closing.promise,
    reached: reached.promise,
    ask() {
      return askOnce(name, () =>
        inTime(world, platform(name)?.ping?.())
          .then(open, close)
          .then(() => isOpen),
      );
    },
  };
}

async function inTime(world: World, answer: Promise<void> | undefined): Promise<void> {
  const answered = new AbortController();
  const silence = world.sleep(patienceMs, answered.signal).then(() => {
    if (!answered.signal.aborted) throw new Error("no answer");
  });
  await Promise.race([answer, silence]).finally(() => answered.abort());
}
