import { expect, test } from "vitest";
import { realWorld } from "../src/world.ts";

test("a wait longer than a timer can hold does not end at once", async () => {
  const world = realWorld();
  const wake = new AbortController();
  const order: string[] = [];
  const long = world.sleep(9_999_999_000, wake.signal).then(() => order.push("long"));
  await world.sleep(20);
  order.push("short");
  wake.abort();
  await long;
  expect(order).toEqual(["short", "long"]);
});
