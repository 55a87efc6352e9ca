import fc from "fast-check";

/** Tells what happens next. Numbers that choose among things are taken modulo how many there are. */
export type Step =
  | {
      readonly do: "imagine";
      readonly member: number;
      readonly count: number;
      readonly size: string;
      readonly service: string | undefined;
      /** Two jobs by one order, in two colours. */
      readonly batch: boolean;
    }
  | { readonly do: "repeat"; readonly which: number }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "decide"; readonly which: number; readonly approves: boolean }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "start" }
  | { readonly do: "stop"; readonly process: number }
  | { readonly do: "arm"; readonly process: number; readonly turns: number; readonly fate: "crash" | "freeze" }
  | { readonly do: "thaw"; readonly process: number }
  | { readonly do: "callback"; readonly which: number; readonly forged: boolean };

/** One course of events: the same scenario goes the same way on SQLite. */
export interface Scenario {
  readonly seed: number;
  /** Credits that a member gets each day. */
  readonly daily: number;
  readonly tenantMonthly: number | undefined;
  readonly globalDaily: number | undefined;
  /** Orders above so many credits wait for somebody's approval. */
  readonly approvalAbove: number | undefined;
  /** After each step, so many turns at most; then the next comes, whatever is under way. */
  readonly steps: readonly (Step & { readonly turns: number })[];
}

export const minute = 60_000;
const index = fc.nat(11);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("imagine" as const),
      member: fc.nat(2),
      count: fc.integer({ min: 1, max: 4 }),
      size: fc.constantFrom("1024x1024", "1024x1024", "2048x2048"),
      service: fc.constantFrom(undefined, undefined, "service", "tasks"),
      batch: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat" as const), which: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: index }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("decide" as const), which: index, approves: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1000, 3000, 16_000, 16_000, 61_000, 5 * minute, 12 * 60 * minute),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("start" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stop" as const), process: index }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("arm" as const),
      process: index,
      turns: fc.nat(30),
      fate: fc.constantFrom("crash" as const, "crash" as const, "freeze" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("thaw" as const), process: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("callback" as const), which: index, forged: fc.boolean() }) },
);

const turns = fc.oneof({ weight: 1, arbitrary: fc.constant(1000) }, { weight: 1, arbitrary: fc.nat(25) });

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.nat(),
  daily: fc.constantFrom(400, 1000, 5000),
  tenantMonthly: fc.constantFrom(undefined, undefined, 1500),
  globalDaily: fc.constantFrom(undefined, undefined, 1200),
  approvalAbove: fc.constantFrom(undefined, undefined, 200),
  steps: fc.array(
    fc.tuple(step, turns).map(([one, after]) => ({ ...one, turns: after })),
    { minLength: 4, maxLength: 30 },
  ),
});
