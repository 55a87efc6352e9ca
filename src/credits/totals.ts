import type { Credits } from "../request.ts";
import type { Db } from "../store/connection.ts";

/** The operator's own accounts, and those of the services by who pays them (`provider:openai`, `own-keys:openai`), with what lies in them. */
export async function operatorAccounts(db: Db): Promise<Readonly<Record<string, Credits>>> {
  const rows = await db
    .selectFrom("account")
    .select(["id", "balance"])
    .where("id", ">=", "o") // by the index, in every collation: there are few of these, and as many members as there are
    .where("id", "<", "q")
    .where((e) => e.or(["ops:%", "provider:%", "own-keys:%"].map((ids) => e("id", "like", ids))))
    .where("id", "not like", "ops:budget:%")
    .where("id", "<>", "ops:global-budget")
    .execute();
  return Object.fromEntries(rows.map(({ id, balance }) => [id, balance]));
}
