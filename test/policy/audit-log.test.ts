import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller, TenantRules } from "../../src/contract/usecases.ts";
import { failWith, heldUp, unknownOutcome } from "../support/services/scripted-provider.ts";
import { onBothStores } from "../support/stores.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

onBothStores("administering", (store) => {
  let house: TestBot;
  beforeEach(async () => {
    house = await openRoom({ database: await store.open() });
  });
  afterEach(() => house.close());

  const operator = (given: Partial<Caller> = {}) => house.caller("operator-1", given);
  const admin = (given: Partial<Caller> = {}) => house.caller("boss", { rights: "admin", ...given });
  const imagine = (given: Partial<Caller> = {}) =>
    house.usecases.imagine({ prompt: "a cat" }, house.caller("discord:7", given));
  const auditEntries = async () =>
    (await house.usecases.admin.auditLog(100, operator())).map(({ name, subject, facts }) => ({
      name,
      subject,
      facts,
    }));

  describe("granting", () => {
    test("gives credits on top of the day's, once for each event, and is written down", async () => {
      const { grant } = house.usecases.admin;
      const once = operator();
      expect(await grant("discord:7", 700, once)).toEqual({ available: 5700 });
      expect(await grant("discord:7", 700, once)).toEqual({ available: 5700 });
      expect(await grant("discord:7", 1, operator())).toEqual({ available: 5701 });
      const both = operator();
      await Promise.all([grant("discord:8", 10, both), grant("discord:8", 10, both)]);
      expect(await house.balance("discord:8")).toMatchObject({ available: 5010 });
      expect(await auditEntries()).toEqual(
        expect.arrayContaining([{ name: "grant", subject: "discord:7", facts: { amount: 700 } }]),
      );
      expect(await auditEntries()).toHaveLength(3);
    });

    test.each([0, -1, 1_000_001, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "5" as unknown as number])(
      "refuses %s credits, and writes nothing down",
      async (amount) => {
        await expect(house.usecases.admin.grant("discord:7", amount, operator())).rejects.toMatchObject({
          code: "amount-out-of-range",
          facts: { min: 1, max: 1_000_000 },
        });
        expect(await auditEntries()).toEqual([]);
      },
    );

    test.each(["", "Ada", "discord:", "discord:7 ", "ops:issued", "erased:abc", "slack:T1"])(
      "refuses “%s”, who is no member",
      async (member) => {
        await expect(house.usecases.admin.grant(member, 5, operator())).rejects.toMatchObject({
          code: "member-unknown",
        });
        expect(await auditEntries()).toEqual([]);
      },
    );
  });

  describe("limiting", () => {
    test("sets what each may spend here in a day, and takes it away again", async () => {
      await house.usecases.admin.limit({ daily: 100 }, admin());
      await expect(imagine()).rejects.toMatchObject({ code: "member-daily-spent", facts: { limit: 100 } });
      expect((await imagine({ tenant: "elsewhere" })).state).toBe("queued");
      await house.usecases.admin.limit({ daily: null }, admin());
      expect((await imagine()).state).toBe("queued");
    });

    test("sets what one member may spend anywhere", async () => {
      await house.usecases.admin.limit({ member: "discord:7", daily: 0 }, operator());
      await expect(imagine({ tenant: "elsewhere" })).rejects.toMatchObject({ code: "member-daily-spent" });
      expect((await house.usecases.imagine({ prompt: "a cat" }, house.caller("discord:8"))).state).toBe("queued");
      await house.usecases.admin.limit({ member: "discord:7", daily: null }, operator());
      expect((await imagine()).state).toBe("queued");
    });

    test("sets a budget for the month: operators the hard one, admins none above it", async () => {
      const { budget } = house.usecases.admin;
      await imagine();
      expect(await budget(300, operator())).toEqual({ spent: 125, limit: 300 });
      await expect(budget(301, admin())).rejects.toMatchObject({ code: "amount-out-of-range", facts: { max: 300 } });
      expect(await budget(200, admin())).toEqual({ spent: 125, limit: 200 });
      await expect(imagine()).rejects.toMatchObject({ code: "tenant-budget-spent", facts: { limit: 200 } });
      expect(await budget(null, admin())).toEqual({ spent: 125, limit: 300 });
      expect(await budget(null, operator())).toEqual({ spent: 125 });
    });

    test("gives a role of the tenant more each day", async () => {
      const { allowance } = house.usecases.admin;
      await allowance("guild/role:1", 7000, operator());
      const credits = () => house.usecases.credits(house.caller("discord:7", { roles: ["guild/role:1"] }));
      expect(await credits()).toMatchObject({ available: 7000 });
      await expect(allowance("elsewhere/role:1", 7000, operator())).rejects.toMatchObject({ code: "setting-unknown" });
      await expect(allowance("guild/role:1", 1_000_001, operator())).rejects.toMatchObject({
        code: "amount-out-of-range",
      });
      await allowance("guild/role:1", null, operator());
      house.world.advance(86_400_000);
      expect(await credits()).toMatchObject({ renewsTo: 5000 });
    });
  });

  describe("blocking", () => {
    test("an operator's holds everywhere, and unblocking by an operator counts everywhere too", async () => {
      const { block } = house.usecases.admin;
      await block("discord:7", true, operator());
      await expect(imagine({ tenant: "elsewhere" })).rejects.toMatchObject({ code: "member-blocked" });
      await block("discord:7", true, admin());
      await block("discord:7", false, admin());
      await expect(imagine()).rejects.toMatchObject({ code: "member-blocked" });
      await block("discord:7", true, admin());
      await block("discord:7", false, operator());
      expect((await imagine()).state).toBe("queued");
    });
  });

  describe("rules", () => {
    const change = (rules: Partial<TenantRules>) => house.usecases.admin.changeRules(rules, admin());

    test("changed by many at once do not lose each other, nor does what is added to a list", async () => {
      const word = (blocked: string) =>
        house.usecases.admin.changeRules(({ blockedWords }) => ({ blockedWords: [...blockedWords, blocked] }), admin());
      await Promise.all([change({ spoiler: true }), change({ channels: ["c1"] }), ...["a", "b", "c"].map(word)]);
      const rules = await house.usecases.admin.rules(admin());
      expect(rules).toMatchObject({ spoiler: true, channels: ["c1"], mature: false });
      expect([...rules.blockedWords].sort()).toEqual(["a", "b", "c"]);
    });

    test("are unset by undefined, and lists hold everything once", async () => {
      await change({ memberDaily: 5, channels: ["c1", " c1 ", "c2"] });
      const rules = await change({ memberDaily: undefined });
      expect(rules.channels).toEqual(["c1", "c2"]);
      expect(rules.memberDaily).toBeUndefined();
    });

    test.each<[string, object, string]>([
      ["a channel that is none", { channels: ["c 1"] }, "setting-unknown"],
      ["a list that is none", { channels: "c1" }, "setting-unknown"],
      ["a word without letters", { blockedWords: ["!!"] }, "setting-unknown"],
      [
        "more words than anybody needs",
        { blockedWords: Array.from({ length: 501 }, (_, n) => `w${n}`) },
        "setting-unknown",
      ],
      ["a size that is none", { defaults: { size: "huge" } }, "size-unknown"],
      ["a default that is none", { defaults: { confirmAbove: 5 } }, "setting-unknown"],
      ["defaults that are none", { defaults: null }, "setting-unknown"],
      ["a number for a yes", { mature: 1 }, "setting-unknown"],
      ["a limit below nothing", { monthly: -1 }, "amount-out-of-range"],
      ["something unheard of", { colour: "red" }, "setting-unknown"],
    ])("refuse %s, and then nothing is changed or written down", async (_what, wrong, code) => {
      await expect(change({ spoiler: true, ...wrong })).rejects.toMatchObject({ code });
      expect(await house.usecases.admin.rules(admin())).toMatchObject({ spoiler: false });
      expect(await auditEntries()).toEqual([]);
    });
  });

  describe("the kill switch", () => {
    test("takes nothing on and sends nothing more, while what runs is posted; then all goes on", async () => {
      const held = heldUp();
      house.provider.scripts.push(held);
      await house.work();
      const running = await imagine();
      await held.sent;
      const waiting = await imagine();
      expect(await house.usecases.admin.pause("too dear", operator())).toMatchObject({
        paused: { reason: "too dear", operator: "operator-1" },
      });
      await expect(imagine()).rejects.toMatchObject({ code: "paused", facts: { reason: "too dear" } });
      held.release();
      expect((await house.end(running)).state).toBe("delivered");
      for (let round = 0; round < 20; round++) {
        house.world.advance(1000);
        await new Promise(setImmediate);
      }
      expect((await house.usecases.job(waiting.id, house.caller("discord:7"))).state).toBe("queued");
      expect(house.provider.sent).toHaveLength(1);
      expect(await house.usecases.admin.pause(undefined, operator())).not.toHaveProperty("paused");
      house.world.advance(2000);
      expect((await house.end(waiting)).state).toBe("delivered");
    });

    test("does not hold up what members get back", async () => {
      const waiting = await imagine();
      await house.usecases.admin.pause("", operator());
      expect((await house.usecases.cancel(waiting.id, house.caller("discord:7"))).state).toBe("cancelled");
      expect(await house.balance("discord:7")).toEqual({ available: 5000, held: 0 });
    });
  });

  describe("calls that may have been charged", () => {
    test("are listed until they are settled, once", async () => {
      const { admin: desk } = house.usecases;
      house.provider.scripts.push(failWith(unknownOutcome()), failWith(unknownOutcome()));
      await house.work();
      const first = await house.end(await imagine());
      house.world.advance(1000);
      const second = await house.end(await imagine());
      const open = await desk.unknown(operator());
      expect(open).toMatchObject([
        { job: first.id, provider: "service", tenant: "guild", estimate: 125 },
        { job: second.id, estimate: 125 },
      ]);
      const [one, other] = open.map(({ attempt }) => attempt);
      const event = operator();
      await desk.settle(one ?? "", true, event);
      await desk.settle(one ?? "", true, event);
      await expect(desk.settle(one ?? "", false, operator())).rejects.toMatchObject({ code: "attempt-unknown" });
      await desk.settle(other ?? "", false, operator());
      expect(await desk.unknown(operator())).toEqual([]);
      expect((await desk.usage(1, operator())).total).toMatchObject({ jobs: 2, images: 0, charged: 0, spent: 125 });
      const { attempts } = await desk.inspect(first.id, operator());
      expect(attempts).toMatchObject([{ outcome: "unknown", estimate: 125, message: "the connection broke" }]);
    });
  });

  describe("reports", () => {
    test("count jobs, images and money by day, service, member and tenant", async () => {
      await house.work();
      const make = async (member: string, count: number, given: Partial<Caller> = {}) =>
        house.end(await house.usecases.imagine({ prompt: "a cat", count }, house.caller(member, given)));
      const first = await make("discord:7", 2);
      house.world.advance(86_400_000);
      await make("discord:8", 1);
      await make("discord:7", 4, { tenant: "elsewhere" });
      await house.usecases.remove(first.id, house.caller("discord:7"));
      const report = await house.usecases.admin.usage(2, operator());
      const line = (name: string, jobs: number, images: number) => ({
        name,
        jobs,
        images,
        charged: images * 125,
        spent: images * 125,
      });
      expect(report).toEqual({
        days: 2,
        total: line("", 3, 7),
        byDay: [line("2026-11-20", 1, 2), line("2026-11-21", 2, 5)],
        byProvider: [line("service", 3, 7)],
        byPayer: [],
        byMember: [line("discord:7", 2, 6), line("discord:8", 1, 1)],
        byTenant: [line("elsewhere", 1, 4), line("guild", 2, 3)],
        month: { spent: 375 },
      });
      expect((await house.usecases.admin.usage(1, admin())).total).toEqual(line("", 1, 1));
      for (const days of [0, 367, 1.5]) {
        await expect(house.usecases.admin.usage(days, operator())).rejects.toMatchObject({
          code: "amount-out-of-range",
        });
      }
    });

    test("show the services as they are, their balances to operators only", async () => {
      await house.work();
      house.provider.scripts.push(failWith(unknownOutcome()));
      await house.end(await imagine());
      await house.end(await imagine());
      const status = { name: "service", label: "Service", state: "working", concurrency: 4, running: 0 };
      const [seen] = await house.usecases.admin.providers(admin());
      expect(seen).toEqual({ ...status, calls: 2, failures: 1, unknown: 1, medianMs: 0 });
      expect(await house.usecases.admin.providers(operator())).toMatchObject([
        { ...status, balance: { amount: 12, unit: "USD", low: false } },
      ]);
    });

    test("find members by parts of their names and keys, those first who spent most", async () => {
      await house.work();
      const make = async (member: string, name: string, count: number) =>
        house.end(await house.usecases.imagine({ prompt: "a cat", count }, house.caller(member, { name })));
      await make("discord:7", "Ada 50%", 1);
      await make("discord:8", "Grace", 2);
      await house.usecases.admin.grant("discord:9", 5, operator());
      await house.usecases.admin.block("discord:8", true, operator());
      await house.usecases.admin.limit({ member: "discord:7", daily: 900 }, operator());
      const find = async (search?: string, caller = operator()) =>
        (await house.usecases.admin.members(search, caller)).map(({ member }) => member);
      expect(await find()).toEqual(["discord:8", "discord:7", "discord:9"]);
      expect(await find("ADA")).toEqual(["discord:7"]);
      expect(await find("50%")).toEqual(["discord:7"]);
      expect(await find("_da")).toEqual([]);
      expect(await find("discord:")).toHaveLength(3);
      expect(await find("discord:9")).toEqual(["discord:9"]);
      expect(await find("discord:9", admin())).toEqual([]);
      expect(await house.usecases.admin.members("grace", admin())).toEqual([
        { member: "discord:8", name: "Grace", available: 4750, held: 0, charged: 250, jobs: 1, blocked: true },
      ]);
      expect((await house.usecases.admin.members("ada", operator()))[0]).toMatchObject({ memberDaily: 900 });
    });
  });
});
