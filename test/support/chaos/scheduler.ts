/**
 * Several processes in one, under control: whatever a simulated process does to the world outside of its memory passes
 * a border before and after. There it waits for its turn, and there it can be frozen, or dropped as by kill -9: what it
 * was about to do never happens, and nothing of it is cleaned up.
 */
import type { Random } from "./random.ts";

/** One simulated process as the scheduler sees it. */
export interface Lane {
  readonly name: string;
  readonly state: "alive" | "frozen" | "dead";
  /** Some work of it stood still for minutes while the clock went on. */
  readonly stale: boolean;
  /** What befell it: `crash`, `freeze`, `thaw`. */
  readonly fates: readonly string[];
  /** Waits for a turn; never resolves in a dead process. */
  border(): Promise<void>;
  /** Work outside of the process's memory, between two borders. */
  outside<Result>(work: () => Promise<Result>): Promise<Result>;
  /** After so many more turns it is dropped, or frozen. */
  arm(turns: number, fate: "crash" | "freeze"): void;
  crash(): void;
  thaw(): void;
}

interface Turn {
  readonly lane: LaneState;
  readonly since: number;
  go(): void;
}

interface LaneState {
  readonly name: string;
  state: Lane["state"];
  stale: boolean;
  readonly fates: string[];
  fate: { turns: number; kind: "crash" | "freeze" } | undefined;
}

export interface Scheduler {
  lane(name: string): Lane;
  /** Gives turns, by chance, until everything waits for the clock or `turns` are used up. The number given. */
  run(turns?: number): Promise<number>;
}

const longMs = 120_000;
const hangsAfterMs = 20_000;

/** `atOnce`: so many turns may be under way at the same time. */
export function createScheduler(random: Random, now: () => number, atOnce: number): Scheduler {
  let waiting: Turn[] = [];
  const busy = new Set<symbol>();

  function border(lane: LaneState): Promise<void> {
    if (lane.state === "dead") return new Promise(() => undefined);
    return new Promise((go) => void waiting.push({ lane, since: now(), go }));
  }

  async function outside<Result>(lane: LaneState, work: () => Promise<Result>): Promise<Result> {
    await border(lane);
    const mark = Symbol(lane.name);
    busy.add(mark);
    try {
      return await work();
    } finally {
      busy.delete(mark);
      await border(lane);
    }
  }

  /** Until nothing is under way: every lane waits for a turn, for the clock, or for ever. */
  async function quiet(): Promise<void> {
    const giveUpAt = performance.now() + hangsAfterMs;
    do {
      await new Promise(setImmediate);
      if (performance.now() > giveUpAt) throw new Error(`still under way: ${[...busy].map(String).join(", ")}`);
    } while (busy.size > 0);
  }

  function give(): boolean {
    const ready = waiting.filter(({ lane }) => lane.state === "alive");
    if (ready.length === 0) return false;
    const turn = random.pick(ready);
    const { lane } = turn;
    if (lane.fate && --lane.fate.turns < 0) {
      meetFate(lane);
      return true;
    }
    waiting = waiting.filter((other) => other !== turn);
    if (now() - turn.since > longMs) lane.stale = true;
    turn.go();
    return true;
  }

  function meetFate(lane: LaneState): void {
    if (lane.fate) lane.fates.push(lane.fate.kind);
    lane.state = lane.fate?.kind === "freeze" ? "frozen" : "dead";
    lane.fate = undefined;
    if (lane.state === "dead") waiting = waiting.filter((turn) => turn.lane !== lane);
  }

  return {
    lane(name) {
      const lane: LaneState = { name, state: "alive", stale: false, fates: [], fate: undefined };
      return {
        name,
        fates: lane.fates,
        get state() {
          return lane.state;
        },
        get stale() {
          return lane.stale;
        },
        border: () => border(lane),
        outside: (work) => outside(lane, work),
        arm(turns, kind) {
          lane.fate = { turns, kind };
        },
        crash() {
          lane.fate = { turns: 0, kind: "crash" };
          meetFate(lane);
        },
        thaw() {
          if (lane.state !== "frozen") return;
          lane.state = "alive";
          lane.fates.push("thaw");
        },
      };
    },
    async run(turns = Number.POSITIVE_INFINITY) {
      await quiet();
      for (let given = 0; ; ) {
        if (given >= turns) return given;
        const together = 1 + random.below(atOnce);
        let any = false;
        for (let i = 0; i < together && give(); i++) any = true;
        if (!any) return given;
        given += together;
        await quiet();
      }
    },
  };
}
