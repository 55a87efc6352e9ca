import { GatewayCloseCodes } from "discord.js";
import type { Log, World } from "../../../world.ts";

/** The connections of this process, each on its shard: which are up, and how long a broken one waits for its next try. */
export interface Shards {
  /** Every one is up, and at least one is there. */
  ready(): boolean;
  /** Discord said hello; it may still close. */
  greeted(shard: number): void;
  /** Events arrive from now on. */
  opened(shard: number): void;
  closed(shard: number, code: number): void;
  /** A connection error, told with the closing that follows. */
  failed(shard: number, error: Error): void;
  /** Anything arrived. */
  heard(shard: number): void;
  /**
   * Resolves when the shard may connect (at once where it never failed), to how often it has failed in a row; to undefined
   * where it is connected.
   */
  beforeConnecting(shard: number): Promise<number | undefined>;
  /** Asks the shards that were silent since the last call for a sign of life; one that gives none until the next is down. */
  probe(ask: (shard: number) => void): void;
}

interface Shard {
  state: "up" | "silent" | "down";
  /** Milliseconds since 1970 at which `state` began. */
  since: number;
  /** Its next try has not begun yet. */
  waiting: boolean;
  /** Closings in a row, each less than a minute after the last opening. */
  failures: number;
  greeted: boolean;
  /** It was up before. */
  known: boolean;
  heard: boolean;
  probed: boolean;
  error: string | undefined;
  pauseMs: number;
}

const steadyMs = 60_000;
const firstPauseMs = 1000;
/** A connection that was greeted has cost one of the 1,000 identifies of a day. */
const longestPauseMs = { greeted: 120_000, refused: 15_000 };
const lasting: readonly number[] = [
  GatewayCloseCodes.AuthenticationFailed,
  GatewayCloseCodes.InvalidShard,
  GatewayCloseCodes.ShardingRequired,
  GatewayCloseCodes.InvalidAPIVersion,
  GatewayCloseCodes.InvalidIntents,
  GatewayCloseCodes.DisallowedIntents,
];

export function createShards(world: Pick<World, "now" | "sleep">, log: Log, stopping: AbortSignal): Shards {
  return new ShardStates(world, log, stopping);
}

/** Holds the shards of this process by their ids; each is made when it is first named. */
class ShardStates implements Shards {
  readonly #world: Pick<World, "now" | "sleep">;
  readonly #log: Log;
  readonly #stopping: AbortSignal;
  readonly #shards = new Map<number, Shard>();

  constructor(world: Pick<World, "now" | "sleep">, log: Log, stopping: AbortSignal) {
    this.#world = world;
    this.#log = log;
    this.#stopping = stopping;
  }

  ready(): boolean {
    return this.#shards.size > 0 && [...this.#shards.values()].every(({ state }) => state === "up");
  }

  greeted(id: number): void {
    Object.assign(this.#of(id), { greeted: true, heard: true });
  }

  opened(id: number): void {
    this.#turn(id, "up");
    Object.assign(this.#of(id), { heard: true, error: undefined });
  }

  closed(id: number, code: number): void {
    const shard = this.#of(id);
    const reason = GatewayCloseCodes[code] ?? shard.error ?? "closed";
    const wasSteady = shard.state === "up" && this.#world.now() - shard.since >= steadyMs;
    shard.failures = wasSteady ? 1 : shard.failures + 1;
    this.#turn(id, "down", { code, reason });
    shard.waiting = true;
    if (lasting.includes(code)) {
      this.#log.error({ shard: id, code, reason }, "discord: the gateway takes this bot no more");
    }
  }

  failed(id: number, { message }: Error): void {
    Object.assign(this.#of(id), { error: message });
  }

  heard(id: number): void {
    const shard = this.#of(id);
    shard.heard = true;
    if (shard.state === "silent") this.#turn(id, "up");
  }

  async beforeConnecting(id: number): Promise<number | undefined> {
    const shard = this.#of(id);
    if (!shard.waiting) return undefined;
    shard.waiting = false;
    await this.#pause(id, shard);
    shard.greeted = false;
    return shard.failures;
  }

  probe(ask: (shard: number) => void): void {
    for (const [id, shard] of this.#shards) {
      const silent = shard.state === "up" && shard.probed && !shard.heard;
      if (silent) this.#turn(id, "silent", { reason: "no sign of life" });
      Object.assign(shard, { probed: shard.state !== "down" && !shard.heard, heard: false });
      if (shard.probed) ask(id);
    }
  }

  #of(id: number): Shard {
    const known = this.#shards.get(id) ?? { ...unknown, since: this.#world.now() };
    this.#shards.set(id, known);
    return known;
  }

  #turn(id: number, state: Shard["state"], facts: object = {}): void {
    const shard = this.#of(id);
    const { known, since } = shard;
    if (shard.state === state) return;
    const wasUp = shard.state === "up";
    Object.assign(shard, { state, since: this.#world.now(), known: known || state === "up" });
    if (this.#stopping.aborted) return;
    if (wasUp) this.#log.warn({ shard: id, ...facts }, "discord: a gateway connection is lost");
    else if (state === "up" && known) {
      this.#log.info({ shard: id, ms: this.#world.now() - since }, "discord: a gateway connection is up again");
    }
  }

  /** None after the first closing, as Discord closes now and then; then ever longer ones. */
  async #pause(id: number, shard: Shard): Promise<void> {
    const longest = shard.greeted ? longestPauseMs.greeted : longestPauseMs.refused;
    const ms = shard.failures < 2 ? 0 : Math.min(firstPauseMs * 2 ** (shard.failures - 2), longest);
    const { failures, error } = shard;
    if (ms > 0 && ms !== shard.pauseMs) {
      this.#log.warn(
        { shard: id, failures, ms, ...(error ? { reason: error } : {}) },
        "discord: the next try to connect waits",
      );
    }
    shard.pauseMs = ms;
    await this.#world.sleep(ms, this.#stopping);
  }
}

const unknown: Omit<Shard, "since"> = {
  state: "down",
  ...{
    waiting: true,
    failures: 0,
    greeted: false,
    known: false,
    heard: false,
    probed: false,
    error: undefined,
    pauseMs: 0,
  },
};
