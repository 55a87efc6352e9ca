import fc from "fast-check";
import type { Caller } from "../../../src/contract/usecases.ts";
import { Refusal } from "../../../src/errors.ts";
import { withOrders } from "../orders.ts";
import type { Arena } from "./arena.ts";
import { isOver, readRows } from "./findings.ts";
import { type ChaosHouse, openHouse } from "./house.ts";
import { type ChaosProcess, callbackPrefix } from "./process.ts";

/** Tells what happens next. Numbers that choose among things are taken modulo how many there are. */
export type Step =
  | {
      readonly do: "imagine";
      readonly member: number;
      readonly count: number;
      readonly size: string;
      readonly service: string | undefined;
    }
  | { readonly do: "repeat"; readonly which: number }
  | { readonly do: "cancel"; readonly which: number }
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
  /** After each step, so many turns at most; then the next comes, whatever is under way. */
  readonly steps: readonly (Step & { readonly turns: number })[];
}

const minute = 60_000;
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
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat" as const), which: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: index }) },
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
  steps: fc.array(
    fc.tuple(step, turns).map(([one, after]) => ({ ...one, turns: after })),
    { minLength: 4, maxLength: 30 },
  ),
});

/** A member's event, and what it made. */
interface AskedStep {
  readonly caller: Caller;
  readonly step: Extract<Step, { do: "imagine" }>;
  job: string | undefined;
}

interface Course {
  readonly house: ChaosHouse;
  readonly asked: AskedStep[];
  readonly wrong: string[];
  /** When the clock last went on for so long at once that late results are given up. */
  jumpedAt: number;
}

/** Counts what came to pass, by name. */
export type Tally = Readonly<Record<string, number>>;

/** Plays a scenario on a fresh store. Throws with everything that was ever wrong. */
export async function play(scenario: Scenario, arena: Arena): Promise<Tally> {
  const { database, folder } = await arena.fresh();
  const { seed, daily, tenantMonthly, globalDaily } = scenario;
  const policy = { daily, tenantMonthly, globalDaily };
  const atOnce = arena.engine === "postgres" ? 3 : 1;
  const house = openHouse({ database, folder, seed, policy, atOnce });
  const course: Course = { house, asked: [], wrong: [], jumpedAt: 0 };
  house.start();
  try {
    for (const [number, each] of scenario.steps.entries()) {
      take(each, course);
      await house.scheduler.run(each.turns);
      await judge(course, `after step ${number + 1} (${each.do})`);
    }
    await settle(course);
    return await tally(house);
  } finally {
    await house.close();
  }
}

async function judge({ house, wrong }: Course, when: string): Promise<void> {
  const found = [...wrong, ...(await house.findings())];
  if (found.length > 0) throw new Error(`${when}:\n${found.join("\n")}`);
}

const living = ({ processes }: ChaosHouse) => processes.filter(({ lane }) => lane.state !== "dead");
const awake = ({ processes }: ChaosHouse) => processes.filter(({ lane }) => lane.state === "alive");

function chosen<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % Math.max(1, items.length)];
}

function take(each: Step, course: Course): void {
  const { house, asked } = course;
  const process = chosen(awake(house), "process" in each ? each.process : 0);
  if (each.do === "imagine") imagine(each, course);
  if (each.do === "repeat") askAgain(chosen(asked, each.which), course);
  if (each.do === "cancel") cancel(each.which, course);
  if (each.do === "wait") wait(each.ms, course);
  if (each.do === "start" && living(house).length < 3) house.start();
  if (each.do === "stop") void process?.runner.stop();
  if (each.do === "arm") process?.lane.arm(each.turns, each.fate);
  if (each.do === "thaw") chosen(house.processes, each.process)?.lane.thaw();
  if (each.do === "callback") callBack(each, course);
}

function wait(ms: number, course: Course): void {
  const { world } = course.house;
  world.advance(ms);
  if (ms > 60 * minute) course.jumpedAt = world.now();
}

function askAgain(asked: AskedStep | undefined, course: Course): void {
  if (asked) ask(asked, course);
}

function imagine(step: Extract<Step, { do: "imagine" }>, course: Course): void {
  const member = `member-${step.member}`;
  const caller: Caller = {
    platform: "test",
    tenant: `guild-${step.member % 2}`,
    member,
    name: member,
    locale: "en",
    replyTarget: "{}",
    inbound: `test:${course.asked.length}`,
  };
  const asked: AskedStep = { caller, step, job: undefined };
  course.asked.push(asked);
  ask(asked, course);
}

/** The event arrives at one of the processes; an answer that never comes is nobody's fault. */
function ask(asked: AskedStep, course: Course): void {
  const { count, size, service } = asked.step;
  const process = chosen(awake(course.house), course.house.random.below(9));
  const draft = { prompt: "a red bicycle", count, size, ...(service ? { provider: service } : {}) };
  if (!process) return;
  void withOrders(process.usecases)
    .imagine(draft, asked.caller)
    .then(
      ({ id }) => {
        if (asked.job !== undefined && asked.job !== id) course.wrong.push(`9: ${asked.caller.inbound} made two jobs`);
        asked.job = id;
      },
      (error: unknown) => blame(error, "imagine", course),
    );
}

function cancel(which: number, course: Course): void {
  const asked = chosen(course.asked, which);
  const process: ChaosProcess | undefined = chosen(awake(course.house), which);
  if (asked?.job === undefined) return;
  process?.usecases.cancel(asked.job, asked.caller).then(
    () => undefined,
    (error: unknown) => blame(error, "cancel", course),
  );
}

function blame(error: unknown, what: string, course: Course): void {
  if (!(error instanceof Refusal)) course.wrong.push(`${what} failed: ${error instanceof Error ? error.stack : error}`);
}

/** A call back at its time, too early, too late, twice, or from a stranger who guesses. */
function callBack({ which, forged }: Extract<Step, { do: "callback" }>, { house, wrong }: Course): void {
  const call = chosen(
    house.service.calls.filter(({ callbackUrl }) => callbackUrl),
    which,
  );
  const process = chosen(awake(house), which);
  if (!call?.callbackUrl || !process) return;
  const secret = forged ? "guessed" : call.callbackUrl.slice(callbackPrefix.length);
  void process.callback(secret, JSON.stringify({ taskId: `task-${call.attempt}` })).then((known) => {
    if (known && forged) wrong.push("a forged callback was taken");
  });
}

const patience = 80;

/** Faults stop: everything must come to its end, and be told. */
async function settle(course: Course): Promise<void> {
  const { house } = course;
  house.service.calm();
  house.channel.calm();
  for (const { lane } of house.processes) {
    lane.arm(Number.POSITIVE_INFINITY, "crash");
    if (house.random.next() < 0.5) lane.thaw();
    else if (lane.state === "frozen") lane.crash();
  }
  house.start();
  for (let round = 0; round < patience; round++) {
    await house.scheduler.run();
    await judge(course, "after the faults");
    if ((await unfinished(course)).length === 0) return;
    house.world.advance(round < 20 ? 16_000 : 5 * minute);
  }
  throw new Error(`10: it does not come to an end: ${(await unfinished(course)).join(", ")}`);
}

async function unfinished({ house, jumpedAt }: Course): Promise<string[]> {
  const { job, delivery, attempt } = await readRows(house.database);
  const jobOf = new Map(attempt.map((call) => [call.id, job.find(({ id }) => id === call.job)]));
  const received = house.service.calls.filter(({ kept, at }) => kept.length > 0 && at > jumpedAt);
  const lost = received.filter((call) => jobOf.get(call.attempt)?.state === "failed");
  return [
    ...job.filter((each) => !isOver(each)).map(({ id, state }) => `job ${id} is ${state}`),
    ...delivery.filter(({ phase }) => phase !== "confirmed").map(({ job: id }) => `job ${id} is not told`),
    ...lost.map((call) => `images of call ${call.attempt} were received and lost`),
  ];
}

async function tally({ database, processes }: ChaosHouse): Promise<Tally> {
  const { job, attempt } = await readRows(database);
  const fates = processes.flatMap(({ lane }) => lane.fates);
  const names = [
    ...fates,
    ...job.map(({ state }) => `job ${state}`),
    ...attempt.map(({ outcome, phase }) => `call ${outcome ?? phase}`),
  ];
  return Object.fromEntries(
    Object.entries(Object.groupBy(names, (name) => name)).map(([name, all]) => [name, all?.length ?? 0]),
  );
}
