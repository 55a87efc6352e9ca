import { expect, test } from "vitest";
import { createAdmission } from "../../src/app/admission.ts";

const forever = () => new Promise<never>(() => undefined);

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

test("few work with the database at a time, the others in the order of asking", async () => {
  const admit = createAdmission();
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const works = Array.from({ length: 9 }, (_, at) =>
    admit(async () => {
      begun.push(at);
      await new Promise<void>((resolve) => ends.push(resolve));
      return at;
    }),
  );
  await turns(20);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  while (begun.length < 9) {
    ends.shift()?.();
    await turns(1);
  }
  for (const end of ends) end();
  expect(await Promise.all(works)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("one that fails tells its caller alone, and gives its place to the next", async () => {
  const admit = createAdmission();
  const failures = Array.from({ length: 6 }, (_, at) => admit(() => Promise.reject(new Error(`${at}`))));
  expect((await Promise.allSettled(failures)).map((end) => "reason" in end && end.reason.message)).toEqual(
    Array.from({ length: 6 }, (_, at) => `${at}`),
  );
  expect(await admit(async () => "next")).toBe("next");
});

test("a database that says nothing to some keeps nobody out for ever", async () => {
  const admit = createAdmission(1);
  for (let at = 0; at < 6; at += 1) void admit(forever);
  expect(await admit(async () => "heard")).toBe("heard");
});
