import type { KyselyPlugin, RootOperationNode } from "kysely";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import { shareLast } from "../../src/store/last-statements.ts";

/** The database itself, and how often it had to write something down for good: each transaction that changed a row is one. */
export function countChanges(database: Database): { readonly database: Database; readonly commits: () => number } {
  let commits = 0;
  const add = () => {
    commits += 1;
  };
  return {
    commits: () => commits,
    database: {
      ...database,
      db: database.db.withPlugin(onChange(add)),
      transaction: (run, options) =>
        database.transaction(async (trx) => {
          let isChanged = false;
          const watched = trx.withPlugin(onChange(() => (isChanged = true))) as Trx;
          shareLast(trx, watched);
          const result = await run(watched);
          if (isChanged) add();
          return result;
        }, options),
    },
  };
}

function onChange(tell: () => void): KyselyPlugin {
  const changing = new WeakSet<object>();
  return {
    transformQuery({ node, queryId }) {
      if (isChange(node)) changing.add(queryId);
      return node;
    },
    async transformResult({ queryId, result }) {
      if (changing.has(queryId) && (result.rows.length > 0 || (result.numAffectedRows ?? 0n) > 0n)) tell();
      return result;
    },
  };
}

const kinds = ["InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode"];

function isChange(node: RootOperationNode): boolean {
  if (node.kind === "RawNode")
    return node.sqlFragments.some((text) => /\b(update|insert into|delete from)\s/i.test(text));
  return kinds.includes(node.kind);
}
