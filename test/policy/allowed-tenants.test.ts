import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../src/config/config.ts";
import { warningsOf } from "../../src/config/warnings.ts";
import type { Caller } from "../../src/contract/usecases.ts";
import { requireAllowedTenant } from "../../src/policy/allowed-tenants.ts";
import { providerDefinitions } from "../../src/providers/index.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

const allowedTenants = ["discord:guild:1", "slack:T1", "slack:E1", "dm"];
const from = (platform: string, tenant: string, organisation?: string) => ({ platform, tenant, organisation });

test.each([
  from("discord", "discord:guild:1"),
  from("discord", "discord:dm:7"),
  from("slack", "slack:T1"),
  from("slack", "slack:T9", "slack:E1"),
  from("web", "web"),
  from("terminal", "terminal"),
])("%o is served where it is named", (caller) => {
  expect(() => requireAllowedTenant({ allowedTenants }, caller)).not.toThrow();
});

test.each([
  from("discord", "discord:guild:2"),
  from("discord", "discord:guild:11"),
  from("slack", "slack:T2"),
  from("slack", "slack:T9", "slack:E2"),
])("%o is refused", (caller) => {
  expect(() => requireAllowedTenant({ allowedTenants }, caller)).toThrow("tenant-not-allowed");
});

test("direct messages are refused unless they are named, and everybody is served where nothing is set", () => {
  const alone = from("discord", "discord:dm:7");
  expect(() => requireAllowedTenant({ allowedTenants: ["discord:guild:1"] }, alone)).toThrow("tenant-not-allowed");
  expect(() => requireAllowedTenant({ allowedTenants: undefined }, alone)).not.toThrow();
});

describe("where the operator allows nothing", () => {
  let house: TestBot;
  beforeEach(async () => {
    house = await openRoom({ allowedTenants: ["discord:guild:1"] });
  });
  afterEach(() => house.close());

  test("nothing is fetched, held or kept", async () => {
    const images = [{ filename: "a.png", source: { path: "/nowhere/a.png" } }];
    const refused = { code: "tenant-not-allowed" };
    await expect(house.usecases.imagine({ prompt: "a cat", images }, house.caller())).rejects.toMatchObject(refused);
    await expect(house.usecases.quote({ prompt: "a cat" }, house.caller())).rejects.toMatchObject(refused);
    expect(await house.database.db.selectFrom("transfer").selectAll().execute()).toEqual([]);
    const allowed: Partial<Caller> = { tenant: "discord:guild:1" };
    await expect(house.usecases.imagine({ prompt: "a cat" }, house.caller("a", allowed))).resolves.toBeDefined();
  });
});

const load = (environment: Record<string, string>) => loadConfig(environment, providerDefinitions);

test("the variable takes servers, workspaces, organisations and dm, and nothing else", () => {
  expect(load({ ALLOWED_TENANTS: "discord:guild:1, slack:T1,slack:E1,dm" }).allowedTenants).toEqual(allowedTenants);
  expect(load({}).allowedTenants).toBeUndefined();
  for (const wrong of ["discord:1", "slack", "everybody"]) {
    expect(() => load({ ALLOWED_TENANTS: wrong })).toThrow(ConfigError);
  }
});

test("a paid service without a limit for everybody is a warning at the start", () => {
  const paid = { TOKENHUB_API_KEY: "th-1" };
  expect(warningsOf(load({}))).toEqual([]);
  expect(warningsOf(load({ ...paid, GLOBAL_DAILY_CREDITS: "5000" }))).toEqual([]);
  expect(warningsOf(load(paid))).toEqual([expect.stringMatching(/^GLOBAL_DAILY_CREDITS is not set/)]);
  const open = { ...paid, DISCORD_TOKEN: "token" };
  expect(warningsOf(load(open))[0]).toContain("wherever the bot is added");
  expect(warningsOf(load({ ...open, ALLOWED_TENANTS: "dm" }))[0]).not.toContain("wherever");
});
