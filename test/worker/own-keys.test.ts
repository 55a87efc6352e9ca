import { describe, expect, test } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { createKeySeal } from "../../src/store/key-seal.ts";
import { findTenantKey } from "../../src/store/tenant-keys.ts";
import { failWith, heldUp, succeed } from "../support/services/scripted-provider.ts";
import { openRoom } from "../support/test-bot.ts";

import { admin, give, house, imagine, keyed, made, onStage, open, scripts, sent, until } from "./own-keys-stage.ts";

onStage();

describe("whose key is used", () => {
  test("two places with keys of their own, and one without, never use each other's, for the same member too", async () => {
    await give("key-of-one", "one");
    await give("key-of-two", "two");
    await house.work();
    for (const tenant of ["one", "two", "three", "two", "one"]) await made(tenant);
    expect(sent).toEqual(["key-of-one", "key-of-two", "key-of-two", "key-of-one"]);
    expect(house.provider.sent).toHaveLength(1); // that of "three"
    const calls = await house.database.db
      .selectFrom("attempt")
      .innerJoin("job", "job.id", "attempt.job")
      .leftJoin("tenant_key", "tenant_key.id", "attempt.tenant_key")
      .select(["job.tenant", "job.payer", "tenant_key.tenant as owner"])
      .execute();
    for (const { tenant, payer, owner } of calls) {
      expect([payer, owner]).toEqual(tenant === "three" ? ["operator", null] : ["tenant", tenant]);
    }
  });

  test("its service comes before the operator's preference, and another one can still be chosen by name", async () => {
    await open({ second: true });
    await give("key-of-guild", "guild", "second");
    await house.work();
    expect((await made()).provider).toBe("Service");
    expect(sent).toEqual(["key-of-guild"]);
    await made("guild", { provider: "service" });
    expect(house.provider.sent).toHaveLength(1);
    expect(house.second.sent).toEqual([]);
  });

  test("a job that another place began is repeated by the key of the place where that is asked for", async () => {
    await give("key-of-one", "one");
    await house.work();
    const job = await made("one");
    const again = await house.usecases
      .again(job.id, house.caller("member-1", { tenant: "two" }))
      .catch((error) => error);
    if (!(again instanceof Error)) await house.end(again);
    expect(sent).toEqual(["key-of-one"]);
  });

  test("a service without a key of the operator's is there for places with a key, and for nobody else", async () => {
    await open({ unfunded: ["service"] });
    await expect(imagine("other")).rejects.toMatchObject({ code: "own-key-needed", facts: { provider: "Service" } });
    await give("key-of-guild");
    await house.work();
    expect((await made()).state).toBe("delivered");
    expect(sent).toEqual(["key-of-guild"]);
    expect(house.provider.sent).toEqual([]);
  });
});

describe("a key that does not work", () => {
  test("whose secret was changed refuses jobs by name, and nobody else's account is used", async () => {
    await give("key-of-guild");
    const { database } = house;
    const other = await openRoom({
      keyed,
      database,
      keySeal: createKeySeal(["another secret altogether"]),
      second: true,
    });
    try {
      const order = () => other.usecases.imagine({ prompt: "a cat" }, other.caller("member-2"));
      await expect(order()).rejects.toMatchObject({ code: "own-key-unreadable", facts: { provider: "Service" } });
      const { services } = await other.usecases.admin.keys.list(admin());
      expect(services[0]).toMatchObject({ service: "service", key: { trouble: "unreadable" } });
      expect((await other.balance("member-2")).held).toBe(0);
      expect([sent, other.provider.sent, other.second.sent]).toEqual([[], [], []]);
    } finally {
      await other.close();
    }
  });

  test("that cannot be opened once its job is queued fails that job: not charged, nothing sent", async () => {
    await give("key-of-guild");
    const job = await imagine();
    await house.database.db.updateTable("tenant_key").set({ sealed: "AAAA" }).execute();
    await house.work();
    expect(await house.end(job)).toMatchObject({
      state: "failed",
      failure: { outcome: "not-sent", refusedFor: "own-gone" },
    });
    expect([sent, house.provider.sent]).toEqual([[], []]);
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });

  test.each(["key", "money"] as const)(
    "refused for its %s: the job fails, no other service is asked, others go on",
    async (refusedFor) => {
      await open({ second: true });
      await give("key-of-guild");
      scripts.set("key-of-guild", [failWith(new ProviderError("service", "refused", "no", { refusedFor }))]);
      await house.work();
      expect(await made()).toMatchObject({ state: "failed", failure: { refusedFor: `own-${refusedFor}` } });
      expect(house.second.sent).toEqual([]);
      const status = async () => (await house.usecases.admin.keys.list(admin())).services[0]?.key?.trouble;
      expect(await status()).toBe(refusedFor);
      expect(house.context.breakers.isOpen("service")).toBe(false);
      expect(house.context.keys.breakers("guild").isOpen("service")).toBe(true);
      expect((await made("other")).state).toBe("delivered");
      expect(house.provider.sent).toHaveLength(1);
      expect((await made()).state).toBe("delivered"); // somebody has topped it up meanwhile
      expect(await status()).toBeUndefined();
      expect(await house.balance()).toMatchObject({ held: 0 });
    },
  );

  test("the operator's empty account is no trouble of a place with its own key", async () => {
    await give("key-of-guild");
    house.context.breakers.ended("service", new ProviderError("service", "refused", "no", { refusedFor: "money" }));
    await house.work();
    expect((await made()).state).toBe("delivered");
    expect(sent).toEqual(["key-of-guild"]);
  });
});

describe("a key that changes while a job is there", () => {
  test("removed before its turn: the job fails, and is not drawn by another key", async () => {
    await give("key-of-guild");
    const job = await imagine();
    await house.usecases.admin.keys.remove("service", admin());
    await house.work();
    expect(await house.end(job)).toMatchObject({ state: "failed", failure: { refusedFor: "own-gone" } });
    expect([sent, house.provider.sent]).toEqual([[], []]);
  });

  test("replaced before its turn: the new key is used", async () => {
    await give("key-1-of-guild");
    const job = await imagine();
    await give("key-2-of-guild");
    await house.work();
    expect((await house.end(job)).state).toBe("delivered");
    expect(sent).toEqual(["key-2-of-guild"]);
  });

  test("removed between the look at it and the first byte: nothing is sent by it", async () => {
    await give("key-of-guild");
    scripts.set("key-of-guild", [
      async function* (request, context) {
        await house.usecases.admin.keys.remove("service", admin());
        yield* succeed()(request, context);
      },
    ]);
    await house.work();
    const job = await imagine();
    await until(async () => (await house.usecases.job(job.id, house.caller())).state === "failed");
    expect([sent, house.provider.sent]).toEqual([[], []]);
    expect(await house.database.db.selectFrom("tenant_key").selectAll().execute()).toEqual([]);
  });

  test("removed while its call runs: the call comes to its end by it, then it is erased", async () => {
    await give("key-of-guild");
    const held = heldUp();
    scripts.set("key-of-guild", [held]);
    await house.work();
    const job = await imagine();
    await held.sent;
    const [call] = await house.database.db.selectFrom("attempt").selectAll().execute();
    await house.usecases.admin.keys.remove("service", admin());
    expect(await findTenantKey(house.database.db, call?.tenant_key ?? "")).toBeDefined();
    held.release();
    expect((await house.end(job)).state).toBe("delivered");
    expect(await findTenantKey(house.database.db, call?.tenant_key ?? "")).toBeUndefined();
  });

  test("the bot is removed from the place: its keys go, and its waiting jobs are given back", async () => {
    await give("key-of-guild");
    await give("key-of-other", "other");
    await imagine();
    await house.usecases.tenantGone("guild");
    const kept = await house.database.db.selectFrom("tenant_key").select("tenant").execute();
    expect(kept).toEqual([{ tenant: "other" }]);
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });
});
