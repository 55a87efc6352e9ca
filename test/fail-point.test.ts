import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { crashAt, failPoints } from "../src/fail-point.ts";

const local = ["http://127.0.0.1:8080/api", "http://localhost", "https://[::1]:1/"];

test("every fail point is reached somewhere, and there are no others", () => {
  const source = globSync("src/usecases/*.ts").map((file) => readFileSync(file, "utf8"));
  const reached = [...source.join("\n").matchAll(/reach\("([^"]+)"\)/g)].map(([, name]) => name);
  expect(reached.toSorted()).toEqual([...failPoints].toSorted());
});

test("a process can only be told to die where all that it speaks to is on this machine", () => {
  expect(() => crashAt("posted", local)).not.toThrow();
  for (const far of [
    "https://tokenhub.store/api/v1",
    "http://127.0.0.1.example.com",
    "https://localhost.example.com",
  ]) {
    expect(() => crashAt("posted", [...local, far])).toThrow(far);
  }
});

test.each(["", "nowhere", "posted:0", "posted:x", "posted:1:melt"])("%j is no fail point", (text) => {
  expect(() => crashAt(text, local)).toThrow("ATELIER_FAILPOINT must be one of");
});

test("reaching any other point, or the same for the first time of two, changes nothing", () => {
  const reach = crashAt("posted:2", local);
  for (const point of failPoints) reach(point);
  expect(process.pid).toBeGreaterThan(0);
});
