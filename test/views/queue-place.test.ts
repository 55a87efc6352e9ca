import type { KyselyPlugin } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { placeOf } from "../../src/views/queue-place.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
let context: Context;
let rankings: number;

const countRankings: KyselyPlugin = {
  transformQuery({ node }) {
    if (node.kind === "RawNode" && node.sqlFragments.some((text) => text.includes("ranked as"))) rankings += 1;
    return node;
  },
  transformResult: async ({ result }) => result,
};

beforeEach(async () => {
  house = await openRoom();
  rankings = 0;
  const { database } = house.context;
  context = { ...house.context, database: { ...database, db: database.db.withPlugin(countRankings) } };
});
afterEach(() => house.close());

async function add(member: string): Promise<string> {
  return (await house.usecases.imagine({ prompt: "a cat" }, house.caller(member))).id;
}

test("a long queue is ranked once, however many come to it at the same time", async () => {
  for (let i = 0; i < 150; i++) await add(`member-${i}`);
  const places = [];
  for (let i = 0; i < 50; i++) places.push((await placeOf(context, await add(`newcomer-${i}`)))?.position);
  expect(places).toEqual(Array.from({ length: 50 }, (_, i) => 151 + i));
  expect(rankings).toBe(1);
  const second = await add("newcomer-0"); // behind the first of everybody
  expect(await Promise.all([placeOf(context, second), placeOf(context, second)])).toEqual([
    { position: 201, slot: 2 },
    { position: 201, slot: 2 },
  ]);
  house.world.advance(2000);
  await placeOf(context, second);
  expect(rankings).toBe(2);
});

test("in a short queue a newcomer's place is exact, also when others have left it meanwhile", async () => {
  const first = await add("member-1");
  expect(await placeOf(context, first)).toEqual({ position: 1, slot: 1 });
  await house.usecases.cancel(first, house.caller("member-1"));
  expect(await placeOf(context, await add("member-2"))).toEqual({ position: 1, slot: 1 });
});
