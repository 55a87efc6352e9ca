import type { Caller } from "../contract/usecases.ts";
import { createLanes, type Lanes } from "../flow/lanes.ts";

/** Commands of one tenant that are worked on at the same time; more would help nobody there, and hold up all others. */
const atOnce = 10;

/** Lets the commands of one tenant wait for each other, in turns of its members; those of others do not wait for them. */
export type TenantTurns = <Result>(
  caller: Pick<Caller, "tenant" | "member">,
  work: () => Promise<Result>,
) => Promise<Result>;

export function createTenantTurns(): TenantTurns {
  const tenants = new Map<string, { readonly lanes: Lanes; here: number }>();
  return async ({ tenant, member }, work) => {
    const kept = tenants.get(tenant) ?? { lanes: createLanes({ atOnce, forMembers: atOnce }), here: 0 };
    tenants.set(tenant, kept);
    kept.here += 1;
    try {
      return await kept.lanes.forMember(member, work);
    } finally {
      kept.here -= 1;
      if (kept.here === 0) tenants.delete(tenant);
    }
  };
}
