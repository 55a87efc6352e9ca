import { expect, test } from "vitest";
import { createShares } from "../../src/worker/shares.ts";

/** A line of pieces, oldest first, from which is claimed as from the database. */
function line(...tenants: string[]) {
  const waiting = tenants.map((tenant, at) => ({ tenant, at }));
  let claims = 0;
  return {
    claims: () => claims,
    claim: async (some: number, except: readonly string[]) => {
      claims += 1;
      const taken = waiting.filter(({ tenant }) => !except.includes(tenant)).slice(0, some);
      for (const piece of taken) waiting.splice(waiting.indexOf(piece), 1);
      return taken;
    },
  };
}

const tenantsOf = (pieces: readonly { tenant: string }[]) => pieces.map(({ tenant }) => tenant);

test("however many of one tenant wait, others behind them are claimed at once", async () => {
  const shares = createShares(3);
  const { claim } = line(...Array<string>(100).fill("hostile"), "other", "third");
  const claimed = await shares.fill(8, claim);
  expect(tenantsOf(claimed)).toEqual(["hostile", "hostile", "hostile", "other", "third"]);
  expect(await shares.fill(3, claim)).toEqual([]);
  const [first] = claimed;
  if (first) shares.giveBack(first);
  expect(tenantsOf(await shares.fill(4, claim))).toEqual(["hostile"]);
});

test("a tenant is never claimed beyond its share, and its order stays", async () => {
  const shares = createShares(3);
  const { claim } = line("a", "b", "a", "b", "a", "b", "a", "b", "a", "b");
  const claimed = await shares.fill(10, claim);
  expect(tenantsOf(claimed).toSorted()).toEqual(["a", "a", "a", "b", "b", "b"]);
  const ofA = claimed.filter(({ tenant }) => tenant === "a").map(({ at }) => at);
  expect(ofA).toEqual(ofA.toSorted((one, other) => one - other));
});

test("nothing to claim costs one look", async () => {
  const { claim, claims } = line();
  await createShares(3).fill(8, claim);
  expect(claims()).toBe(1);
});

test("what was claimed before the database went away is worked on", async () => {
  const { claim } = line("a", "b", "c", "d");
  let left = 1;
  const failing: typeof claim = async (some, except) => {
    if (left-- <= 0) throw new Error("away");
    return claim(some, except);
  };
  const shares = createShares(3);
  expect(tenantsOf(await shares.fill(8, failing))).toEqual(["a", "b", "c"]);
  await expect(shares.fill(8, failing)).rejects.toThrow("away");
});
