import { type RawBuilder, sql } from "kysely";
import type { Trx } from "../store/connection.ts";
import { adding, allSums, nameMembers, type Sums } from "../store/migrations/0028-usage.ts";

export interface Pseudonym {
  readonly pseudonym: string;
  /** The tenant of the member's direct messages: it gets the pseudonym for a name. */
  readonly alone: string;
}

/**
 * Gives the erased jobs of a member, and the sums of what they used, to a pseudonym, from which no way leads back. What the
 * member asked for since then stays theirs.
 */
export async function renameMember(trx: Trx, member: string, { pseudonym, alone }: Pseudonym): Promise<void> {
  const statements = [
    ...allSums.map(moving),
    `update job set member = :pseudonym, inbound = 'erased:' || id, tenant = ${tenantUnderPseudonym}
      where member = :member and erased_at is not null`,
    ...allSums.flatMap((sums) => [takingBack(sums), adding(sums, sums.of(theirs(sums)))]),
    nameMembers("member = :member"),
  ];
  for (const statement of statements) await bind(statement, { member, pseudonym, alone }).execute(trx);
}

const tenantUnderPseudonym = "case when tenant = :alone then :pseudonym else tenant end";
const hasMember = ({ key }: Sums) => key.includes("member");

/** All that a table holds of the member. */
function moving(sums: Sums): string {
  if (!hasMember(sums)) return `update ${sums.table} set tenant = :pseudonym where tenant = :alone`;
  const days = "select tenant, created_at / 86400000 from job where member = :member"; // a table finds its rows by them
  const found = sums.key.includes("day") ? `and (tenant, day) in (${days})` : "";
  return `update ${sums.table} set member = :pseudonym, tenant = ${tenantUnderPseudonym} where member = :member ${found}`;
}

/** Subtracts what belongs to jobs that are still the member's. */
function takingBack(sums: Sums): string {
  const keys = sums.key.map((name) => ({ member: ":pseudonym", tenant: tenantUnderPseudonym })[name] ?? name);
  const rows = `select ${[...keys, ...sums.counts.map((name) => `-${name}`)].join(", ")}
    from (${sums.of(theirs(sums))}) theirs where 1 = 1`;
  return adding(sums, rows);
}

const theirs = (sums: Sums) => (hasMember(sums) ? "j.member = :member" : "j.member = :member and j.tenant = :alone");

function bind(text: string, values: { readonly [name: string]: string }): RawBuilder<unknown> {
  const parts = text.split(/:(member|pseudonym|alone)\b/);
  return sql.join(
    parts.map((part, index) => (index % 2 === 0 ? sql.raw(part) : sql`${values[part]}`)),
    sql.raw(""),
  );
}
