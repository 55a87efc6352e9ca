import { sql } from "kysely";
import type { Database } from "../../../src/store/database.ts";
import type { JobRow, Tables } from "../../../src/store/tables.ts";

/** Everything that the checks look at, read at one moment. */
export type Rows = {
  readonly [Table in "job" | "attempt" | "artifact" | "delivery" | "transfer" | "account"]: readonly Tables[Table][];
};

export async function readRows({ db }: Database): Promise<Rows> {
  const [job, attempt, artifact, delivery, transfer, account] = await Promise.all([
    db.selectFrom("job").selectAll().execute(),
    db.selectFrom("attempt").selectAll().execute(),
    db.selectFrom("artifact").selectAll().execute(),
    db.selectFrom("delivery").selectAll().execute(),
    db.selectFrom("transfer").selectAll().execute(),
    db.selectFrom("account").selectAll().execute(),
  ]);
  return { job, attempt, artifact, delivery, transfer, account };
}

const views = new WeakMap<object, Promise<readonly string[]>>();

/** Lists what the program's own views find wrong. */
export async function ownFindings({ db, engine }: Database): Promise<string[]> {
  const known = views.get(db) ?? ownViews(db, engine);
  views.set(db, known);
  const each = (await known).map(
    (view) => sql`select ${sql.lit(view)} as view, subject, detail from ${sql.table(view)}`,
  );
  if (each.length === 0) throw new Error("there are no views v_bad_*");
  const { rows } = await sql<{
    view: string;
    subject: string;
    detail: string;
  }>`${sql.join(each, sql` union all `)}`.execute(db);
  return rows.map(({ view, subject, detail }) => `${view}: ${subject} ${detail}`);
}

async function ownViews(db: Database["db"], engine: Database["engine"]): Promise<readonly string[]> {
  const all =
    engine === "sqlite"
      ? sql<{ name: string }>`select name from sqlite_master where type = 'view' and name like 'v_bad_%'`
      : sql<{ name: string }>`select viewname as name from pg_views where viewname like 'v_bad_%'`;
  return (await all.execute(db)).rows.map(({ name }) => name);
}

/** The same questions asked once more in another language, so that the program does not grade itself. */
export function moneyFindings(rows: Rows): string[] {
  return [...accountFindings(rows), ...rows.job.flatMap((job) => jobMoneyFindings(job, rows))];
}

function accountFindings({ account, transfer }: Rows): string[] {
  const moved = new Map<string, number>();
  for (const { debit, credit, amount } of transfer) {
    moved.set(debit, (moved.get(debit) ?? 0) - amount);
    moved.set(credit, (moved.get(credit) ?? 0) + amount);
  }
  const wrong = account.filter(({ id, balance }) => balance !== (moved.get(id) ?? 0));
  const below = account.filter(({ id, balance }) => balance < 0 && !id.startsWith("ops:"));
  const total = account.reduce((sum, { balance }) => sum + balance, 0);
  return [
    ...wrong.map(({ id, balance }) => `1: ${id} holds ${balance}, its transfers say ${moved.get(id)}`),
    ...below.map(({ id, balance }) => `1: ${id} holds ${balance}`),
    ...(total === 0 ? [] : [`1: all accounts together hold ${total}`]),
  ];
}

export function isOver({ state }: Pick<JobRow, "state">): boolean {
  return state !== "awaiting" && state !== "queued" && state !== "running" && state !== "delivering";
}

function jobMoneyFindings(job: JobRow, { transfer, artifact }: Rows): string[] {
  const sum = (kind: string) =>
    transfer.filter((each) => each.job === job.id && each.kind === kind).reduce((all, { amount }) => all + amount, 0);
  const [held, captured, released] = [sum("hold"), sum("capture"), sum("release")];
  const images = artifact.filter((each) => each.job === job.id).length;
  const charged = job.charged ?? 0;
  const found: string[] = [];
  const expect = (right: boolean, what: string) => {
    if (!right) found.push(`2: job ${job.id} (${job.state}): ${what}`);
  };
  expect(held === job.held, `held ${held} instead of ${job.held}`);
  expect(charged <= Math.min(job.held, job.unit * images), `charged ${charged} for ${images} images at ${job.unit}`);
  if (job.state === "delivered") {
    expect(captured === charged, `captured ${captured}, charged ${charged}`);
    expect(captured + released === held, `${captured} captured and ${released} released of ${held}`);
  } else if (job.state === "undeliverable" && job.unpaid_at !== null) {
    expect(captured === 0 && (released === 0 || charged === 0), `${captured} captured and ${released} released unseen`);
  } else if (isOver(job)) {
    expect(captured === 0 && released === held, `${captured} captured and ${released} released of ${held}`);
  } else {
    expect(
      captured === 0 && (released === 0 || (released === held && charged === 0)),
      `${released} released too early`,
    );
  }
  return found;
}

/** Finds jobs with more than one open call, or with a call that was begun after one that may have been paid. */
export function callFindings({ job, attempt }: Rows): string[] {
  return job.flatMap(({ id, request }) => {
    const calls = attempt.filter((each) => each.job === id).toSorted((a, b) => a.n - b.n);
    const found: string[] = [];
    const open = calls.filter(({ phase }) => phase === "sending");
    if (open.length > 1) found.push(`5: job ${id} has ${open.length} calls under way`);
    const binding = calls.filter(
      ({ phase, outcome }) => phase === "sending" || ["success", "unknown", "damaged"].includes(outcome ?? ""),
    );
    const asked = binding.reduce((sum, each) => sum + each.asked, 0);
    if (asked > (JSON.parse(request) as { count: number }).count) found.push(`5: job ${id} paid for ${asked} images`);
    return found;
  });
}

/** No limit is passed: running by member and by service. */
export function limitFindings(
  { job }: Rows,
  limits: { perMember: number; perProvider: Readonly<Record<string, number>> },
): string[] {
  const running = job.filter(({ state }) => state === "running");
  const by = (key: "member" | "provider") => Object.entries(Object.groupBy(running, (each) => each[key]));
  return [
    ...by("member").flatMap(([name, jobs = []]) =>
      jobs.length > limits.perMember ? [`15: ${name} runs ${jobs.length}`] : [],
    ),
    ...by("provider").flatMap(([name, jobs = []]) =>
      jobs.length > (limits.perProvider[name] ?? 1) ? [`15: ${name} is called ${jobs.length} times at once`] : [],
    ),
  ];
}
