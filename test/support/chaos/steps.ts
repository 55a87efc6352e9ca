import type { Caller, Order, UseCases } from "../../../src/contract/usecases.ts";
import { Refusal } from "../../../src/errors.ts";
import { changeTenantRules } from "../../../src/policy/documents.ts";
import type { Arena } from "./arena.ts";
import { isOver, readRows } from "./findings.ts";
import { type ChaosHouse, openHouse } from "./house.ts";
import { type ChaosProcess, callbackPrefix } from "./process.ts";
import { minute, type Scenario, type Step } from "./scenario.ts";

/** A member's event, and what it made. */
interface AskedStep {
  readonly caller: Caller;
  readonly step: Extract<Step, { do: "imagine" }>;
  job: string | undefined;
  /** The confirmation of a batch, once it was asked for. */
  button: string | undefined;
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
  if (scenario.approvalAbove !== undefined) await requireApproval(house, scenario.approvalAbove);
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

/** Approvers are asked in a channel of each guild. */
async function requireApproval({ database, world }: ChaosHouse, above: number): Promise<void> {
  const approval = { above, channel: "approvals", locale: "en", approvers: ["approver"], own: false };
  for (const tenant of ["guild-0", "guild-1"]) {
    await database.transaction((trx) => changeTenantRules(trx, world.now(), tenant, () => ({ approval })));
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
  if (each.do === "decide") decide(each, course);
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
  const tenant = `guild-${step.member % 2}`;
  const caller = callerOf(`member-${step.member}`, { tenant, inbound: `test:${course.asked.length}` });
  const asked: AskedStep = { caller, step, job: undefined, button: undefined };
  course.asked.push(asked);
  ask(asked, course);
}

/** The event arrives at one of the processes; an answer that never comes is nobody's fault. */
function ask(asked: AskedStep, course: Course): void {
  const process = chosen(awake(course.house), course.house.random.below(9));
  if (!process) return;
  void order(asked, process.usecases).then(
    (job) => {
      if (asked.job !== undefined && asked.job !== job) course.wrong.push(`9: ${asked.caller.inbound} made two jobs`);
      asked.job = job;
    },
    (error: unknown) => blame(error, "imagine", course),
  );
}

/** Gives the id of the job, or of the first of a batch: that is asked about, and whoever presses again presses the same button. */
async function order(asked: AskedStep, usecases: UseCases): Promise<string> {
  const { count, size, service, batch } = asked.step;
  const prompt = batch ? "a {red, blue} bicycle" : "a red bicycle";
  const draft = { prompt, count, size, ...(service ? { provider: service } : {}) };
  const submit = (order: Order) => usecases.submit(order, asked.caller, { confirmed: true, sawNotes: true });
  const made = asked.button === undefined ? await submit({ kind: "draft", draft }) : undefined;
  if (made?.kind === "confirmation") asked.button = made.confirmation.id;
  const pressed = asked.button === undefined ? made : await submit({ kind: "confirmation", id: asked.button });
  if (pressed === undefined || pressed.kind === "confirmation") throw new Error("a confirmed order asks again");
  return pressed.kind === "batch" ? pressed.batch.id : pressed.job.id;
}

function cancel(which: number, course: Course): void {
  const asked = chosen(course.asked, which);
  const process: ChaosProcess | undefined = chosen(awake(course.house), which);
  if (asked?.job === undefined) return;
  const cancelled =
    asked.step.batch && which % 2 === 0
      ? process?.usecases.batches.cancel(asked.job, asked.caller)
      : process?.usecases.cancel(asked.job, asked.caller);
  cancelled?.then(
    () => undefined,
    (error: unknown) => blame(error, "cancel", course),
  );
}

/** Two approvers press at the same moment, perhaps different buttons, at processes of their own. */
function decide({ which, approves }: Extract<Step, { do: "decide" }>, course: Course): void {
  const asked = chosen(course.house.channel.approvals, which);
  if (!asked) return;
  for (const turn of [0, 1]) {
    const approver = callerOf(`approver-${turn}`, { tenant: asked.tenant, inbound: `test:decide:${turn}` });
    const process = chosen(awake(course.house), which + turn);
    process?.usecases.approvals.decide(asked.job, approves !== (turn === 1 && which % 3 === 0), approver).then(
      () => undefined,
      (error: unknown) => blame(error, "decide", course),
    );
  }
}

function callerOf(member: string, given: Pick<Caller, "tenant" | "inbound">): Caller {
  return {
    platform: "test",
    member,
    name: member,
    roles: [member.replace(/-.*/, "")],
    locale: "en",
    replyTarget: "{}",
    ...given,
  };
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
    for (const which of house.channel.approvals.keys())
      decide({ do: "decide", which, approves: which % 2 === 0 }, course);
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
