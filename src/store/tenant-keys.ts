import type { Db, Trx } from "./connection.ts";
import type { TenantKeyRow } from "./tenant-key-tables.ts";

/** A key as it is given; sealed before it comes here. */
export type NewTenantKey = Omit<TenantKeyRow, "removed_at" | "trouble" | "trouble_at">;

/** The keys that a tenant uses now, by service; each service has one at most. */
export async function tenantKeysOf(db: Db | Trx, tenant: string): Promise<TenantKeyRow[]> {
  return db
    .selectFrom("tenant_key")
    .selectAll()
    .where("tenant", "=", tenant)
    .where("removed_at", "is", null)
    .orderBy("service")
    .execute();
}

/** Finds a key by its id, a removed one too while a call that was sent by it is under way. */
export async function findTenantKey(db: Db, id: string): Promise<TenantKeyRow | undefined> {
  return db.selectFrom("tenant_key").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Uses a key from now on, in the place of the one that the tenant has for that service; true when it had one. */
export async function putTenantKey(trx: Trx, key: NewTenantKey): Promise<boolean> {
  const replaced = await removeTenantKey(trx, key, key.added_at);
  await trx
    .insertInto("tenant_key")
    .values({ ...key, removed_at: null, trouble: null, trouble_at: null })
    .execute();
  return replaced;
}

/** Stops the use of a key; it is erased once no call that was sent by it is under way. False when there is none. */
export async function removeTenantKey(
  trx: Trx,
  { tenant, service }: Pick<TenantKeyRow, "tenant" | "service">,
  now: number,
): Promise<boolean> {
  const removed = await trx
    .updateTable("tenant_key")
    .set({ removed_at: now })
    .where("tenant", "=", tenant)
    .where("service", "=", service)
    .where("removed_at", "is", null)
    .returning("id")
    .execute();
  for (const { id } of removed) await eraseRemovedKey(trx, id);
  return removed.length > 0;
}

/** Stops the use of all keys of a tenant. */
export async function removeTenantKeys(trx: Trx, tenant: string, now: number): Promise<void> {
  for (const key of await tenantKeysOf(trx, tenant)) await removeTenantKey(trx, key, now);
}

/** Makes sure that a key is in use until the transaction ends; false when it was removed. */
export async function lockTenantKey(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .updateTable("tenant_key")
    .set((e) => ({ sealed: e.ref("sealed") }))
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Erases a removed key once no call that was sent by it is under way. */
export async function eraseRemovedKey(trx: Trx, id: string): Promise<void> {
  await unneeded(trx).where("id", "=", id).execute();
}

/** Erases what is left of removed keys: two calls that end at once may each have waited for the other. */
export async function eraseRemovedKeys(db: Db): Promise<void> {
  await unneeded(db).execute();
}

function unneeded(db: Db | Trx) {
  return db
    .deleteFrom("tenant_key")
    .where("removed_at", "is not", null)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("attempt")
            .select("attempt.id")
            .whereRef("attempt.tenant_key", "=", "tenant_key.id")
            .where("attempt.phase", "=", "sending"),
        ),
      ),
    );
}

/** Notes how the last call by a key ended; the time says since when it has that trouble. */
export async function noteKeyTrouble(trx: Trx, id: string, trouble: TenantKeyRow["trouble"], now: number) {
  const at = trouble === null ? null : now;
  await trx
    .updateTable("tenant_key")
    .set({ trouble, trouble_at: at })
    .where("id", "=", id)
    .where((e) =>
      trouble === null ? e("trouble", "is not", null) : e(e.fn.coalesce("trouble", e.val("")), "<>", trouble),
    )
    .execute();
}

/** Puts a name that says nothing in the place of a member who gave keys. */
export async function renameKeyMember(trx: Trx, member: string, pseudonym: string): Promise<void> {
  await trx
    .updateTable("tenant_key")
    .set({ added_by: pseudonym, added_name: "" })
    .where("added_by", "=", member)
    .execute();
}
