import type { CompiledQuery } from "kysely";
import type { Trx } from "./connection.ts";

interface LastStatement {
  readonly key: string;
  readonly statement: CompiledQuery;
}

const kept = new WeakMap<Trx, LastStatement[]>();

/** Makes room for the last statements of a transaction that begins. */
export function expectLast(trx: Trx): void {
  kept.set(trx, []);
}

/** The same transaction by another object, as a plugin makes one. */
export function shareLast(trx: Trx, other: Trx): void {
  kept.set(other, listOf(trx));
}

/**
 * Carries a statement out at the end of a transaction, right before its commit and without waiting for an answer. So a row
 * that everybody writes to is locked for that moment only, and not while this process is busy with something else: in a
 * crowd, three transactions at a time stood before one. Everybody writes to such rows in the order of their keys.
 */
export function runLast(trx: Trx, key: string, statement: CompiledQuery): void {
  listOf(trx).push({ key, statement });
}

/** The statements that a transaction ends with, in their order. */
export function lastOf(trx: Trx): readonly CompiledQuery[] {
  return listOf(trx)
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ statement }) => statement);
}

function listOf(trx: Trx): LastStatement[] {
  const list = kept.get(trx);
  if (!list) throw new Error("not a transaction of this database: its last statements would be lost");
  return list;
}
