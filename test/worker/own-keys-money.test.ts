import { describe, expect, test } from "vitest";
import type { Caller } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { audit } from "../../src/store/audit.ts";
import { textFor } from "../../src/text/text.ts";
import { failWith } from "../support/services/scripted-provider.ts";

import { accounts, admin, give, house, imagine, made, onStage, open, scripts } from "./own-keys-stage.ts";

onStage();

describe("money", () => {
  test("members pay the same price; what the service charged is the place's, and none of the operator's", async () => {
    await give("key-of-guild");
    await house.work();
    expect((await made()).charged).toBe(125);
    expect(await accounts()).toEqual({
      "ops:tenant-funds": -125,
      "ops:tenant-revenue": 125,
      "own-keys:service": 125,
    });
    await made("other");
    expect(await accounts()).toMatchObject({ "ops:funds": -125, "ops:revenue": 125, "provider:service": 125 });
    expect(await audit(house.database.db)).toEqual([]);
  });

  test("the operator's budgets do not count it, and do not stop it; the limits of the place do", async () => {
    await open({ globalDaily: 125, tenantMonthly: 125 });
    await give("key-of-guild");
    await house.work();
    await made();
    await made("guild", { member: "member-2" });
    await made("other");
    await expect(imagine("third")).rejects.toMatchObject({ code: "global-budget-spent" });
    await house.usecases.admin.budget(300, admin()).catch(() => undefined);
    await house.usecases.admin.changeRules({ monthly: 300 }, admin());
    await expect(imagine()).rejects.toMatchObject({ code: "tenant-budget-spent", facts: { limit: 300, left: 50 } });
    await house.usecases.admin.changeRules({ monthly: undefined, memberDaily: 200 }, admin());
    await expect(imagine()).rejects.toMatchObject({ code: "member-daily-spent" });
  });

  test("reports show it apart, and the operator's figure of the day leaves it out", async () => {
    await give("key-of-guild");
    await house.work();
    await made();
    await made();
    await made("other");
    const { admin: admins } = house.usecases;
    const line = (name: string, jobs: number) => ({ name, jobs, images: jobs, charged: jobs * 125, spent: jobs * 125 });
    const operator = () => house.caller("operator-1");
    expect((await admins.usage(1, operator())).byPayer).toEqual([line("tenant", 2), line("operator", 1)]);
    expect(await admins.usageToday(operator())).toEqual(line("", 1));
    expect((await admins.usage(1, admin())).byPayer).toEqual([line("tenant", 2)]);
    expect((await admins.usage(1, admin("other"))).byPayer).toEqual([]);
    expect(JSON.stringify(textFor("en").admin.usage(await admins.usage(1, admin())))).toContain(
      "Of this by keys of servers and workspaces themselves: 2 images",
    );
    const { calls } = (await admins.providers(operator()))[0] ?? {};
    expect(calls).toBe(1);
  });

  test("an unknown outcome is the place's to settle, and nobody else sees it", async () => {
    await give("key-of-guild");
    const broken = failWith(new ProviderError("service", "unknown", "the connection broke"));
    scripts.set("key-of-guild", [broken]);
    await house.work();
    expect((await made()).state).toBe("failed");
    const { admin: admins } = house.usecases;
    const open = async (caller: Caller) => (await admins.unknown(caller)).map(({ attempt }) => attempt);
    const operator = house.caller("operator-1", { tenant: "elsewhere" });
    expect(await open(operator)).toEqual([]);
    expect(house.unknowns).toEqual([]);
    expect(await open(admin("other"))).toEqual([]);
    const [attempt = ""] = await open(admin());
    await expect(admins.settle(attempt, true, admin("other"))).rejects.toMatchObject({ code: "attempt-unknown" });
    expect(await accounts()).toMatchObject({ "ops:tenant-unknown:service": 125 });
    await admins.settle(attempt, true, admin());
    expect(await accounts()).toEqual({ "ops:tenant-funds": -125, "own-keys:service": 125 });
  });
});
