import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { audit } from "../../src/store/audit.ts";
import { createKeySeal } from "../../src/store/key-seal.ts";
import { findTenantKey } from "../../src/store/tenant-keys.ts";
import { failWith, heldUp, type Script, scriptedProvider, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type RoomOptions, type TestBot } from "../support/test-bot.ts";

/** Jobs that a tenant pays by a key of its own, beside jobs of others. */
let house: TestBot;
/** The key by which each call was sent; `operator` is the operator's. */
let sent: string[];
let scripts: Map<string, Script[]>;

const keyed = (service: string, key: string): Provider[] => {
  const provider = scriptedProvider(service);
  const check = async () => {
    if (key.startsWith("wrong")) throw new ProviderError(service, "refused", "no such key", { refusedFor: "key" });
  };
  async function* generate(...[request, context]: Parameters<Provider["generate"]>) {
    const script = scripts.get(key)?.shift() ?? succeed();
    const beforeSend = async () => {
      await context.beforeSend();
      sent.push(key);
    };
    yield* script(request, { ...context, beforeSend });
  }
  return service === "service" || service === "second" ? [{ ...provider, check, generate }] : [];
};

async function open(options: RoomOptions = {}): Promise<void> {
  await house?.close();
  house = await openRoom({ keyed, ...options });
}

beforeEach(async () => {
  sent = [];
  scripts = new Map();
  house = await openRoom({ keyed });
});
afterEach(() => house.close());

const admin = (tenant = "guild"): Caller => house.caller("admin", { tenant, rights: "admin" });
const give = (key: string, tenant = "guild", service = "service") =>
  house.usecases.admin.keys.put(service, key, admin(tenant));
const imagine = (tenant = "guild", given: { member?: string; provider?: string } = {}) =>
  house.usecases.imagine(
    { prompt: "a red bicycle", provider: given.provider },
    house.caller(given.member ?? "member-1", { tenant }),
  );
const made = async (tenant = "guild", given: { member?: string; provider?: string } = {}) =>
  house.end(await imagine(tenant, given));
const turn = () => new Promise(setImmediate);
async function until(done: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await done())) {
    house.world.advance(500);
    await turn();
  }
}
const accounts = async () =>
  Object.fromEntries(
    (await house.database.db.selectFrom("account").selectAll().execute())
      .filter(({ id, balance }) => /^(ops:(tenant|fund|reven|unknown)|provider|own-keys)/.test(id) && balance !== 0)
      .map(({ id, balance }) => [id, balance]),
  );

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
    const other = await openRoom({ keyed, database, keySeal: createKeySeal(["another secret altogether"]) });
    try {
      const order = () => other.usecases.imagine({ prompt: "a cat" }, other.caller("member-2"));
      await expect(order()).rejects.toMatchObject({ code: "own-key-unreadable", facts: { provider: "Service" } });
      const { services } = await other.usecases.admin.keys.list(admin());
      expect(services[0]).toMatchObject({ service: "service", key: { trouble: "unreadable" } });
      expect((await other.balance("member-2")).held).toBe(0);
      expect([sent, other.provider.sent]).toEqual([[], []]);
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
    expect(await open(admin("other"))).toEqual([]);
    const [attempt = ""] = await open(admin());
    await expect(admins.settle(attempt, true, admin("other"))).rejects.toMatchObject({ code: "attempt-unknown" });
    expect(await accounts()).toMatchObject({ "ops:tenant-unknown:service": 125 });
    await admins.settle(attempt, true, admin());
    expect(await accounts()).toEqual({ "ops:tenant-funds": -125, "own-keys:service": 125 });
  });
});
