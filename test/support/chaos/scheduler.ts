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
  /** Lists what befell it: `crash`, `freeze`, `thaw`. */
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
  const turns = turnsOf(random, now);
  const busy = busyWork();
  return {
    lane: (name) => laneOf(name, turns, busy),
    async run(limit = Number.POSITIVE_INFINITY) {
      await busy.over();
      for (let given = 0; ; ) {
        if (given >= limit) return given;
        const together = 1 + random.below(atOnce);
        let any = false;
        for (let i = 0; i < together && turns.give(); i++) any = true;
        if (!any) return given;
        given += together;
        await busy.over();
      }
    },
  };
}

interface BusyWork {
  during<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** Resolves when nothing is under way: every lane waits for a turn, for the clock, or for ever. */
  over(): Promise<void>;
}

function busyWork(): BusyWork {
  const busy = new Set<symbol>();
  return {
    async during(name, work) {
      const mark = Symbol(name);
      busy.add(mark);
      try {
        return await work();
      } finally {
        busy.delete(mark);
      }
    },
    async over() {
      const giveUpAt = performance.now() + hangsAfterMs;
      do {
        await new Promise(setImmediate);
        if (performance.now() > giveUpAt) throw new Error(`still under way: ${[...busy].map(String).join(", ")}`);
      } while (busy.size > 0);
    },
  };
}

interface Turns {
  wait(lane: LaneState): Promise<void>;
  /** Lets one lane go on, or meet its fate; false when none is there to go on. */
  give(): boolean;
  meetFate(lane: LaneState): void;
}

function turnsOf(random: Random, now: () => number): Turns {
  let waiting: Turn[] = [];

  function meetFate(lane: LaneState): void {
    if (lane.fate) lane.fates.push(lane.fate.kind);
    lane.state = lane.fate?.kind === "freeze" ? "frozen" : "dead";
    lane.fate = undefined;
    if (lane.state === "dead") waiting = waiting.filter((turn) => turn.lane !== lane);
  }

  return {
    meetFate,
    wait(lane) {
      if (lane.state === "dead") return new Promise(() => undefined);
      return new Promise((go) => void waiting.push({ lane, since: now(), go }));
    },
    give() {
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
    },
  };
}

function laneOf(name: string, turns: Turns, busy: BusyWork): Lane {
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
    border: () => turns.wait(lane),
    async outside(work) {
      await turns.wait(lane);
      try {
        return await busy.during(name, work);
      } finally {
        await turns.wait(lane);
      }
    },
    arm(after, kind) {
      lane.fate = { turns: after, kind };
    },
    crash() {
      lane.fate = { turns: 0, kind: "crash" };
      turns.meetFate(lane);
    },
    thaw() {
      if (lane.state !== "frozen") return;
      lane.state = "alive";
      lane.fates.push("thaw");
    },
  };
}
