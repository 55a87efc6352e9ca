import type { Credits } from "../request.ts";
import type { Db } from "../store/connection.ts";

/** The operator's own accounts and those of the services (`ops:revenue`, `provider:openai`), with what lies in them. */
export async function operatorAccounts(db: Db): Promise<Readonly<Record<string, Credits>>> {
  const rows = await db
    .selectFrom("account")
    .select(["id", "balance"])
    .where("id", ">=", "o") // by the index, in every collation: there are few of these, and as many members as there are
    .where("id", "<", "q")
    .where((e) => e.or([e("id", "like", "ops:%"), e("id", "like", "provider:%")]))
    .where("id", "not like", "ops:budget:%")
    .where("id", "<>", "ops:global-budget")
    .execute();
  return Object.fromEntries(rows.map(({ id, balance }) => [id, balance]));
}
