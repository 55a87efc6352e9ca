import type { Db, Trx } from "./connection.ts";

/** A member who asked to be forgotten, and when: milliseconds since 1970. */
export interface LeavingMember {
  readonly member: string;
  readonly askedAt: number;
}

/** A tenant that the bot was removed from, and when. */
export interface RemovedTenant {
  readonly tenant: string;
  readonly removedAt: number;
}

/** Notes that a member wants to be forgotten, until that is done. */
export async function noteLeaving(trx: Trx, { member, askedAt }: LeavingMember): Promise<void> {
  await trx
    .insertInto("leaving_member")
    .values({ member, asked_at: askedAt })
    .onConflict((conflict) => conflict.column("member").doUpdateSet({ asked_at: askedAt }))
    .execute();
}

export async function leavingMembers(db: Db): Promise<LeavingMember[]> {
  return db.selectFrom("leaving_member").select(["member", "asked_at as askedAt"]).orderBy("member").execute();
}

export async function clearLeaving(trx: Trx, member: string): Promise<void> {
  await trx.deleteFrom("leaving_member").where("member", "=", member).execute();
}

/** Notes that the bot was removed from a tenant, until its rules are deleted. */
export async function noteRemoved(trx: Trx, { tenant, removedAt }: RemovedTenant): Promise<void> {
  await trx
    .insertInto("removed_tenant")
    .values({ tenant, removed_at: removedAt })
    .onConflict((conflict) => conflict.column("tenant").doUpdateSet({ removed_at: removedAt }))
    .execute();
}

/** Tenants that the bot was removed from before then. */
export async function tenantsRemovedBefore(db: Db, before: number): Promise<RemovedTenant[]> {
  return db
    .selectFrom("removed_tenant")
    .select(["tenant", "removed_at as removedAt"])
    .where("removed_at", "<", before)
    .orderBy("tenant")
    .execute();
}

export async function clearRemoved(trx: Trx, tenant: string): Promise<void> {
  await trx.deleteFrom("removed_tenant").where("tenant", "=", tenant).execute();
}
