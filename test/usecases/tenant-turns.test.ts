import { expect, test } from "vitest";
import { createTenantTurns } from "../../src/usecases/tenant-turns.ts";

/** Work that ends when it is let go. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    end: (name: string) => ends.get(name)?.(),
    work: (name: string) => () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    },
  };
}

test("one tenant's commands wait for each other, another's do not wait for them", async () => {
  const inTurn = createTenantTurns();
  const { begun, work, end } = works();
  for (let n = 0; n < 200; n += 1) void inTurn({ tenant: "hostile", member: `member ${n}` }, work(`hostile ${n}`));
  void inTurn({ tenant: "other", member: "ann" }, work("other"));
  await new Promise(setImmediate);
  expect(begun.length).toBe(11);
  expect(begun).toContain("other");
  end("hostile 0");
  await new Promise(setImmediate);
  expect(begun.length).toBe(12);
});

test("one member's hundred commands do not hold up another's first in the same tenant", async () => {
  const inTurn = createTenantTurns();
  const { begun, work, end } = works();
  for (let n = 0; n < 100; n += 1) void inTurn({ tenant: "guild", member: "busy" }, work(`busy ${n}`));
  void inTurn({ tenant: "guild", member: "ann" }, work("ann"));
  end("busy 0");
  await new Promise(setImmediate);
  expect(begun.at(-1)).toBe("ann");
});

test("what fails gives its turn on, and is told", async () => {
  const inTurn = createTenantTurns();
  const caller = { tenant: "guild", member: "ann" };
  const failing = Array.from({ length: 30 }, () => inTurn(caller, () => Promise.reject(new Error("broke"))));
  expect((await Promise.allSettled(failing)).every(({ status }) => status === "rejected")).toBe(true);
  expect(await inTurn(caller, async () => "done")).toBe("done");
});
