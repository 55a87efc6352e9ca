import { afterEach, beforeEach, expect, test } from "vitest";
import { Refusal } from "../../src/errors.ts";
import { type House, type Operator, openHouse, signIn } from "../platforms/web/dashboard/house.ts";

/** Words that every object answers to: whatever is looked up by what somebody wrote must not find them. */
const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"];
let house: House;
let operator: Operator;
beforeEach(async () => {
  house = await openHouse();
  operator = await signIn(house);
});
afterEach(async () => {
  await house.close();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** Gives what a refusal says; an answer is none, and anything else that is thrown is a fault. */
async function codeOf(asked: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await asked();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

test.each(names)("%s is no service, size, quality, format, moderation, job or setting", async (name) => {
  const caller = house.caller();
  const ask = (option: object) => codeOf(() => house.usecases.imagine({ prompt: name, ...option }, caller));
  const options = ["provider", "size", "quality", "format", "moderation"];
  const answers = await Promise.all(options.map((option) => ask({ [option]: name })));
  expect(answers).toEqual(["provider-unknown", "size-unknown", ...Array(3).fill("option-unknown")]);
  expect(await codeOf(() => house.usecases.job(name, caller))).toBe("job-unknown");
  for (const change of [{ quality: name }, { provider: name }, { [name]: "x" }]) {
    expect(await codeOf(() => house.usecases.changeSettings(change, caller))).toBeDefined();
  }
});

test.each(names)("%s as a member, a tenant, a role or a word is one like any other", async (name) => {
  const boss = house.caller("operator-1");
  const here = house.caller("boss", { tenant: name, rights: "admin" });
  await codeOf(() => house.usecases.admin.limit({ member: name, daily: 5 }, boss));
  await codeOf(() => house.usecases.admin.block(name, true, boss));
  await codeOf(() => house.usecases.admin.allowance(name, 5, boss));
  await codeOf(() => house.usecases.admin.budget(100, { ...boss, tenant: name }));
  await house.usecases.admin.changeRules({ blockedWords: [name], memberDaily: 200 }, here);
  expect(await house.usecases.admin.rules(here)).toMatchObject({ memberDaily: 200 });
  expect(await codeOf(() => house.usecases.imagine({ prompt: `a ${name} b` }, { ...here, member: "m" }))).toBe(
    "word-blocked",
  );
  expect(await house.usecases.admin.members(name, boss)).toBeDefined();
  expect(await codeOf(() => house.usecases.imagine({ prompt: "a cat" }, house.caller("other")))).toBeUndefined();
});

test("JSON that names the prototype changes nothing but what it says", async () => {
  const bodies = [
    '{"change":{"__proto__":{"polluted":true},"spoiler":true}}',
    '{"change":{"constructor":{"prototype":{"polluted":true}}}}',
    '{"change":{"defaults":{"__proto__":{"quality":"high"}}}}',
    '{"__proto__":{"change":{}}}',
  ];
  for (const body of bodies) {
    const answer = await operator.act("rules", JSON.parse(body));
    expect([200, 400], body).toContain(answer.status);
  }
  expect((await operator.act("__proto__", {})).status).toBe(404);
  expect((await operator.act("constructor", {})).status).toBe(404);
});
