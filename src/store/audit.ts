import { sql } from "kysely";
import type { Credits } from "../request.ts";
import type { Db } from "./connection.ts";

/** Something that must never be. */
export interface Finding {
  /** Its view in the database. */
  readonly view: string;
  readonly sentence: string;
  /** A job, a call, an account, or whatever the sentence is about. */
  readonly subject: string;
  readonly detail: string;
}

/** The rules of the database, each with its sentence; each is a view that is empty while the rule holds. */
export const invariants: Readonly<Record<string, string>> = {
  v_bad_total: "All accounts together do not come to 0.",
  v_bad_balance: "An account does not hold what its transfers say.",
  v_bad_below_zero: "An account that is not the operator's is below zero.",
  v_bad_transfer: "A transfer went between accounts that its kind does not connect.",
  v_bad_outside_grant: "Credits from outside were not booked as they were given or taken back.",
  v_bad_orphan: "Money moved for a job that does not exist.",
  v_bad_hold: "A job does not have exactly one hold of its price.",
  v_bad_end: "The money of a job did not end as the job did.",
  v_bad_goodwill: "The operator did not pay for images that came late.",
  v_bad_delivery: "A job and its delivery contradict each other.",
  v_bad_images: "A job has no images where it must, or has some where it must not.",
  v_bad_artifact: "An image comes from a call of another job.",
  v_bad_sending: "A call is under way for a job that is not running, or twice for one that is.",
  v_bad_resent: "A call was sent although the outcome of an earlier one is open.",
  v_bad_unknown: "A call that may have been charged is not booked.",
  v_bad_settled: "A call of unknown outcome was not settled as it was booked.",
  v_bad_spend: "What a service charged is not booked exactly once.",
  v_bad_spending: "The running figure of a budget is not what its jobs say.",
  v_bad_usage: "The sums of what was used are not what their jobs say.",
  v_bad_member_total: "What a member used everywhere is not the sum of the member's places.",
  v_bad_erased: "A job whose content was erased still has a prompt or files.",
  v_bad_idle: "A job is running, and nobody has it.",
  v_bad_turn: "A job waits, and would never have its turn.",
  v_bad_state: "A job is in a state that does not exist.",
  v_bad_approval: "A job and its approval contradict each other.",
  v_bad_unapproved: "A call was made for a job that nobody had approved.",
  v_bad_inbound: "One event made two jobs.",
  v_bad_payer: "A job is paid by one, and its call or its money is another's.",
  v_bad_batch: "The parts of a batch do not belong together.",
};

const mostPerView = 100;

/** Looks for everything that must never be; empty when nothing is wrong. At most 100 findings of one kind. */
export async function audit(db: Db): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [view, sentence] of Object.entries(invariants)) {
    // One statement sees one moment: what other processes do meanwhile cannot look wrong.
    const { rows } = await sql<{ subject: string; detail: string }>`
      select subject, detail from ${sql.table(view)} order by subject limit ${sql.lit(mostPerView)}`.execute(db);
    findings.push(...rows.map(({ subject, detail }) => ({ view, sentence, subject, detail })));
  }
  return findings;
}

/** Sums up where all credits are. */
export interface Totals {
  /** Handed out since the beginning. */
  readonly issued: Credits;
  readonly available: Credits;
  readonly held: Credits;
  /** Credits that members paid, and the operator in their place. */
  readonly revenue: Credits;
  /** The part of the revenue that the operator paid. */
  readonly goodwill: Credits;
  /** Credits that services charged. */
  readonly services: Credits;
  /** Credits that they may have charged; not settled yet. */
  readonly unknown: Credits;
}

export async function totals(db: Db): Promise<Totals> {
  const sum = (pattern: string, sign: 1 | -1 = 1) => sql<number>`
    cast(coalesce(sum(case when id like ${pattern} then balance else 0 end), 0) as bigint) * ${sql.lit(sign)}`;
  return db
    .selectFrom("account")
    .select([
      sum("ops:issued", -1).as("issued"),
      sum("member:%").as("available"),
      sum("held:%").as("held"),
      sum("ops:revenue").as("revenue"),
      sum("ops:goodwill", -1).as("goodwill"),
      sum("provider:%").as("services"),
      sum("ops:unknown:%").as("unknown"),
    ])
    .executeTakeFirstOrThrow();
}

export interface AuditedFile {
  readonly job: string;
  readonly file: string;
  readonly sha256: string;
}

/** Every image that must be on disk: those of jobs whose content was not erased. In the order of their jobs. */
export async function auditedFiles(db: Db, after: AuditedFile | undefined, limit: number): Promise<AuditedFile[]> {
  return db
    .selectFrom("artifact")
    .innerJoin("job", "job.id", "artifact.job")
    .select(["artifact.job", "artifact.file", "artifact.sha256"])
    .where("job.erased_at", "is", null)
    .$if(after !== undefined, (query) =>
      query.where((e) =>
        e.or([
          e("artifact.job", ">", after?.job ?? ""),
          e.and([e("artifact.job", "=", after?.job ?? ""), e("artifact.file", ">", after?.file ?? "")]),
        ]),
      ),
    )
    .orderBy("artifact.job")
    .orderBy("artifact.file")
    .limit(limit)
    .execute();
}
