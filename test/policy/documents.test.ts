import { afterEach, beforeEach, expect, it } from "vitest";
import { namesRoles, operatorId, tenantId } from "../../src/policy/documents.ts";
import { writeSetting } from "../../src/store/settings.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const set = (id: string, document: object) =>
  house.database.transaction((trx) => writeSetting(trx, id, document, house.world.now()));

it("knows whether a rule or an allowance names a role of a tenant", async () => {
  const names = () => namesRoles(house.database.db, "slack:T1");
  expect(await names()).toBe(false);
  await set(operatorId, { allowances: { "slack:T2/group:S1": 100, "slack:T11/group:S1": 100 } });
  expect(await names()).toBe(false);
  await set(operatorId, { allowances: { "slack:T1/group:S1": 100 } });
  expect(await names()).toBe(true);
  await set(operatorId, {});
  await set(tenantId("slack:T1"), { roles: ["S1"] });
  expect(await names()).toBe(true);
});
