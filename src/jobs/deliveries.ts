import { type RawBuilder, sql } from "kysely";
import type { Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import type { DeliveryRow } from "../store/tables.ts";
import type { Claim } from "./claim.ts";

/** Which deliveries a process takes. */
export interface Deliverable {
  /** The platforms that it can post to now. */
  readonly platforms: readonly string[];
  /** A delivery that has been due since before this is taken whatever its platform is: somebody must give it up. */
  readonly abandonedBefore: number;
  /** Tenants that have enough under way. */
  readonly except?: readonly string[];
}

/** A delivery that this process has taken, of a job in that tenant. */
export interface ClaimedDelivery extends DeliveryRow {
  readonly tenant: string;
}

/**
 * Takes deliveries that are due, oldest first; those of a dead process once their lease has run out. It writes ahead, too: of
 * one that may have been posted before, by whoever had it, `tries` is more than one.
 */
export async function claimDeliveries(
  database: Database,
  claim: Claim,
  { platforms, abandonedBefore, except = [] }: Deliverable,
): Promise<ClaimedDelivery[]> {
  if (claim.wanted <= 0) return [];
  const names = sql.join(["", ...platforms].map((name) => sql`${name}`)); // a list must not be empty
  const others = except.length === 0 ? sql`` : sql`and j.tenant not in (${sql.join(except)})`;
  const skipLocked = database.engine === "postgres" ? sql`for update of d skip locked` : sql``;
  const { rows } = await sql<ClaimedDelivery>`
    update delivery set fence = fence + 1, lease_owner = ${claim.owner}, lease_until = ${claim.leaseUntil},
      phase = 'sending', tries = tries + case when phase = 'sending' and tries = 0 then 2 else 1 end
    where job in (
      select d.job from delivery d join job j on j.id = d.job
      where d.phase in ('pending', 'sending') and d.due_at <= ${claim.now}
        and (j.platform in (${names}) or d.due_at < ${abandonedBefore})
        and (d.lease_until is null or d.lease_until < ${claim.now}) ${others} and ${isNextOfBatch(claim.now)}
      order by d.due_at limit ${sql.lit(claim.wanted)} ${skipLocked})
    returning *, (select tenant from job where id = delivery.job) as tenant`.execute(database.db);
  return rows.sort((a, b) => a.due_at - b.due_at || (a.job < b.job ? -1 : 1)); // `returning` has no order
}

/** Parts of a batch share its messages: one of them is posted at a time, the one that is due first. */
function isNextOfBatch(now: number): RawBuilder<unknown> {
  return sql`(j.batch is null or not exists (
    select 1 from job part join delivery other on other.job = part.id
    where part.batch = j.batch and other.job <> d.job and other.phase in ('pending', 'sending')
      and (other.lease_until >= ${now} or (other.due_at <= ${now} and (other.due_at, other.job) < (d.due_at, d.job)))))`;
}

/** Tells whether a delivery is still as it was claimed: after a time without a database, another process may have it. */
export async function isOurs(db: Database["db"], { job, fence }: DeliveryRow): Promise<boolean> {
  const row = await db
    .selectFrom("delivery")
    .select("job")
    .where("job", "=", job)
    .where("fence", "=", fence)
    .where("phase", "=", "sending")
    .executeTakeFirst();
  return row !== undefined;
}

/** Says where the result of a job was posted. */
export interface ConfirmedDelivery {
  readonly route: string;
  readonly message: string | null;
  /** Every message that shows images of the job. */
  readonly messages: readonly string[];
  /** The job under which they are found: that of the batch that the job is a part of. */
  readonly shownAs?: string | undefined;
  readonly now: number;
}

/** Writes down that a result was posted, or could be posted nowhere; false when that was written before. */
export async function confirmDelivery(trx: Trx, delivery: DeliveryRow, confirmed: ConfirmedDelivery): Promise<boolean> {
  const { route, message, messages, shownAs = delivery.job, now } = confirmed;
  const mine = await changed(trx, delivery, {
    phase: "confirmed",
    route,
    message,
    confirmed_at: now,
    lease_until: null,
  });
  if (mine && messages.length > 0) {
    const rows = [...new Set(messages)].map((key) => ({ message: key, job: shownAs }));
    await trx
      .insertInto("posted_message")
      .values(rows)
      .onConflict((conflict) => conflict.column("message").doNothing())
      .execute();
  }
  return mine;
}

/** Puts a delivery off: the next try is due at `runAt`, and `tries` of them are used up. */
export async function postponeDelivery(
  database: Database,
  delivery: DeliveryRow,
  { runAt, tries }: { readonly runAt: number; readonly tries: number },
): Promise<void> {
  await changed(database.db, delivery, { due_at: runAt, lease_until: null, tries });
}

async function changed(
  db: Database["db"] | Trx,
  delivery: DeliveryRow,
  change: Partial<DeliveryRow>,
): Promise<boolean> {
  const row = await db
    .updateTable("delivery")
    .set(change)
    .where("job", "=", delivery.job)
    .where("fence", "=", delivery.fence)
    .where("phase", "<>", "confirmed")
    .returning("job")
    .executeTakeFirst();
  return row !== undefined;
}
