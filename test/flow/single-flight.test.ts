import { expect, test } from "vitest";
import { singleFlight } from "../../src/flow/single-flight.ts";

test("gives all who ask meanwhile one answer, and who asks later a new one", async () => {
  const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let asked = 0;
  const once = singleFlight<string>();
  const ask = () => once("key", () => answers[asked++]?.promise ?? Promise.reject(new Error("asked too often")));
  const meanwhile = [ask(), ask(), ask()];
  answers[0]?.resolve("first");
  expect(await Promise.all(meanwhile)).toEqual(["first", "first", "first"]);
  answers[1]?.resolve("second");
  expect(await ask()).toBe("second");
});

test("does not let one key wait for another", async () => {
  const once = singleFlight<string>();
  void once("slow", () => new Promise<string>(() => undefined));
  expect(await once("other", async () => "done")).toBe("done");
});

test("tells all who wait of a failure, and asks again afterwards", async () => {
  let asked = 0;
  const once = singleFlight<string>();
  const ask = () =>
    once("key", async () => {
      asked += 1;
      if (asked === 1) throw new Error("broken");
      return "good";
    });
  const meanwhile = await Promise.allSettled([ask(), ask()]);
  expect(meanwhile.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await ask()).toBe("good");
});

test("leaves no key behind when the work cannot even begin", async () => {
  const once = singleFlight<string>();
  const begin = () =>
    once("key", () => {
      throw new Error("not begun");
    });
  expect(begin).toThrow("not begun");
  expect(await once("key", async () => "good")).toBe("good");
});
