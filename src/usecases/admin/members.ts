import type { Context } from "../../context.ts";
import type { MemberView } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { memberList } from "../../jobs/member-list.ts";
import { operatorSettingsOf, rulesOf } from "../../policy/documents.ts";
import { isOperator, requireAdmin } from "../../policy/rights.ts";

const maxMembers = 50;

/** Lists who asked for images in the caller's tenant, or everybody for operators; who spent most comes first. */
export async function members(
  context: Context,
  search: string | undefined,
  caller: Caller,
): Promise<readonly MemberView[]> {
  requireAdmin(context, caller);
  const { db } = context.database;
  const tenant = isOperator(context, caller) ? undefined : caller.tenant;
  const { blockedMembers, memberDaily } = await operatorSettingsOf(db);
  const rules = await rulesOf(db, caller.tenant);
  const blocked = new Set([...blockedMembers, ...rules.blockedMembers]);
  const sought = (search ?? "").trim().slice(0, 200);
  const found = await memberList(context.database.reports, { tenant, search: sought, limit: maxMembers });
  const isNew = Object.hasOwn(memberDaily, sought) && !found.some(({ member }) => member === sought);
  return [...found, ...(isNew && tenant === undefined ? [newcomer(sought)] : [])].map((row) => {
    const daily = memberDaily[row.member];
    return { ...row, blocked: blocked.has(row.member), ...(daily === undefined ? {} : { memberDaily: daily }) };
  });
}

/** Somebody with a limit who never asked for anything. */
function newcomer(member: string) {
  return { member, name: "", available: 0, held: 0, charged: 0, jobs: 0 };
}
