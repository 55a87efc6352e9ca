import { expect, test } from "vitest";
import { oneAtATime } from "../../../../src/platforms/web/dashboard/one-at-a-time.ts";

test("gives all who ask meanwhile one answer, and who asks later a new one", async () => {
  const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let asked = 0;
  const ask = oneAtATime(() => answers[asked++]?.promise ?? Promise.reject(new Error("asked too often")));
  const meanwhile = [ask(), ask(), ask()];
  answers[0]?.resolve("first");
  expect(await Promise.all(meanwhile)).toEqual(["first", "first", "first"]);
  answers[1]?.resolve("second");
  expect(await ask()).toBe("second");
});

test("asks again after a failure", async () => {
  let asked = 0;
  const ask = oneAtATime(async () => {
    asked += 1;
    if (asked === 1) throw new Error("broken");
    return "good";
  });
  await expect(ask()).rejects.toThrow("broken");
  expect(await ask()).toBe("good");
});
