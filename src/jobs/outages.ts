import type { Db, Trx } from "../store/connection.ts";

/** A time in which a service does not work, as the processes see it together. */
export interface Outage {
  readonly service: string;
  readonly trouble: "account" | "resting";
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  /** When some process saw it last. */
  readonly seenAt: number;
  /** It was written into the channels for alerts. */
  readonly alerted: boolean;
}

/** A process sees a service in trouble. */
export async function noteOutage(
  db: Db,
  { service, trouble, now }: Pick<Outage, "service" | "trouble"> & { readonly now: number },
): Promise<void> {
  await db
    .insertInto("service_outage")
    .values({ service, trouble, began_at: now, seen_at: now, alerted: 0 })
    .onConflict((conflict) => conflict.column("service").doUpdateSet({ trouble, seen_at: now }))
    .execute();
}

export async function outages(db: Db | Trx): Promise<Outage[]> {
  const rows = await db.selectFrom("service_outage").selectAll().orderBy("service").execute();
  return rows.map(({ service, trouble, began_at, seen_at, alerted }) => ({
    ...{ service, trouble, beganAt: began_at, seenAt: seen_at, alerted: alerted === 1 },
  }));
}

export async function markAlerted(trx: Trx, service: string): Promise<void> {
  await trx.updateTable("service_outage").set({ alerted: 1 }).where("service", "=", service).execute();
}

/** The service works again; false when somebody saw it in trouble since then. */
export async function endOutage(trx: Trx, { service, seenAt }: Outage): Promise<boolean> {
  const ended = await trx
    .deleteFrom("service_outage")
    .where("service", "=", service)
    .where("seen_at", "<=", seenAt)
    .returning("service")
    .executeTakeFirst();
  return ended !== undefined;
}
