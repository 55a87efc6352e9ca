import type { Room } from "../context.ts";
import type { Caller } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";

/** Who is named in OPERATORS, or signed in to the dashboard. */
export function isOperator(room: Pick<Room, "operators">, caller: Caller): boolean {
  return caller.rights === "operator" || room.operators.includes(caller.member);
}

/** May manage `tenant`: operators manage all, others the one that the platform vouches for at this moment. */
export function mayManage(room: Pick<Room, "operators">, caller: Caller, tenant: string): boolean {
  return isOperator(room, caller) || (caller.rights === "admin" && caller.tenant === tenant);
}

/** Throws `operators-only`. */
export function requireOperator(room: Pick<Room, "operators">, caller: Caller): void {
  if (!isOperator(room, caller)) throw new Refusal("operators-only", {});
}

/** Whoever manages the caller's tenant. Throws `admins-only`. */
export function requireAdmin(room: Pick<Room, "operators">, caller: Caller): void {
  if (!mayManage(room, caller, caller.tenant)) throw new Refusal("admins-only", {});
}
