import type { Context } from "../context.ts";
import type { Caller } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";

/** Tells whether a caller is named in OPERATORS, or signed in to the dashboard. */
export function isOperator(context: Pick<Context, "operators">, caller: Caller): boolean {
  return caller.rights === "operator" || context.operators.includes(caller.member);
}

/** May manage `tenant`: operators manage all, others the one that the platform vouches for at this moment. */
export function mayManage(context: Pick<Context, "operators">, caller: Caller, tenant: string): boolean {
  return isOperator(context, caller) || (caller.rights === "admin" && caller.tenant === tenant);
}

/** Throws `operators-only`. */
export function requireOperator(context: Pick<Context, "operators">, caller: Caller): void {
  if (!isOperator(context, caller)) throw new Refusal("operators-only", {});
}

/** Whoever manages the caller's tenant. Throws `admins-only`. */
export function requireAdmin(context: Pick<Context, "operators">, caller: Caller): void {
  if (!mayManage(context, caller, caller.tenant)) throw new Refusal("admins-only", {});
}
