import { expect, test } from "vitest";
import { ProviderError } from "../../../src/errors.ts";
import { scriptedProvider } from "../../support/services/scripted-provider.ts";
import { onBothStores } from "../../support/stores.ts";
import { openRoom, type RoomOptions, type TestBot } from "../../support/test-bot.ts";

onBothStores("keys that admins give", (store) => {
  /** A service that cannot be reached by a key with `away` in it, and tells a balance. */
  const keyed = (service: string, key: string) => {
    if (!["service", "second"].includes(service)) return [];
    const check = async () => {
      if (key.includes("away")) throw new ProviderError(service, "not-sent", "connect ECONNREFUSED");
    };
    return [{ ...scriptedProvider(service), check, balance: async () => ({ amount: 12, unit: "USD", low: true }) }];
  };
  async function inHouse(play: (house: TestBot) => Promise<void>, options: RoomOptions = {}): Promise<void> {
    const house = await openRoom({ database: await store.open(), keyed, ...options });
    await play(house).finally(() => house.close());
  }
  const admin = (house: TestBot) => house.caller("admin-1", { rights: "admin", name: "Ada" });

  test("are told with what the service says of them, and listed by who gave them, never with the key", () =>
    inHouse(async (house) => {
      const { keys } = house.usecases.admin;
      const balance = { amount: 12, unit: "USD", low: true };
      const taken = await keys.put("Service", "  key-of-guild\n", admin(house));
      expect(taken).toEqual({ label: "Service", replaced: false, isTried: true, balance });
      expect(await keys.put("second", "key-away", admin(house))).toMatchObject({ isTried: false });
      const { services } = await keys.list(admin(house));
      expect(services.map(({ service, key }) => [service, key?.addedBy])).toEqual([
        ["service", "Ada"],
        ["second", "Ada"],
      ]);
      const { services: elsewhere } = await keys.list(house.caller("admin-1", { rights: "admin", tenant: "other" }));
      expect(elsewhere.map(({ key }) => key)).toEqual([undefined, undefined]);
      const log = await house.usecases.admin.auditLog(10, admin(house));
      expect(log.map(({ name, subject, operator }) => [name, subject, operator])).toEqual(
        expect.arrayContaining([
          ["own-key", "service", "admin-1"],
          ["own-key", "second", "admin-1"],
        ]),
      );
      const rows = await house.database.db.selectFrom("tenant_key").selectAll().execute();
      expect(JSON.stringify([services, log, rows, house.log.lines])).not.toContain("key-of-guild");
    }));

  test("by two admins at once are one, and the same form sent twice is done once", () =>
    inHouse(async (house) => {
      const { keys } = house.usecases.admin;
      await Promise.all(["key-1", "key-2", "key-3"].map((key) => keys.put("service", key, admin(house))));
      const [same, before] = [admin(house), await rowsOf(house)];
      expect(before).toHaveLength(1);
      await keys.put("service", "key-4", same);
      const [kept] = await rowsOf(house);
      expect(await keys.put("service", "key-4", same)).toMatchObject({ label: "Service" });
      expect(await rowsOf(house)).toEqual([kept]);
    }));

  test("are refused in a sentence where they cannot be keys, or there is no such service, and nothing is kept", () =>
    inHouse(async (house) => {
      const put = (service: string, key: string) => house.usecases.admin.keys.put(service, key, admin(house));
      for (const [key, why] of [
        ["", "empty"],
        ["k".repeat(501), "long"],
        ["two words", "spaces"],
        ["sk-…", "signs"],
        ["'key'", "quotes"],
      ] as const) {
        await expect(put("service", key)).rejects.toMatchObject({ code: "own-key-shape", facts: { why } });
      }
      await expect(put("nowhere", "key")).rejects.toMatchObject({ code: "provider-unknown" });
      await expect(put("__proto__", "key")).rejects.toMatchObject({ code: "provider-unknown" });
      const remove = house.usecases.admin.keys.remove("service", admin(house));
      await expect(remove).rejects.toMatchObject({ code: "own-key-none" });
      expect(await rowsOf(house)).toEqual([]);
    }));

  test("are not taken while the operator has not switched it on, and those from before can still be removed", () =>
    inHouse(
      async (house) => {
        const { keys } = house.usecases.admin;
        await expect(keys.put("service", "key", admin(house))).rejects.toMatchObject({ code: "own-keys-off" });
        expect((await keys.list(admin(house))).isOn).toBe(false);
        const row = { id: "k1", tenant: "guild", service: "service", sealed: "AAAA", added_at: 1 };
        const by = { added_by: "admin-1", added_name: "Ada", removed_at: null, trouble: null, trouble_at: null };
        await house.database.db
          .insertInto("tenant_key")
          .values({ ...row, ...by })
          .execute();
        const order = house.usecases.imagine({ prompt: "a cat" }, house.caller());
        await expect(order).rejects.toMatchObject({ code: "own-key-unreadable" });
        await keys.remove("service", admin(house));
        expect((await house.usecases.imagine({ prompt: "a cat" }, house.caller())).state).toBe("queued");
      },
      { keySeal: undefined },
    ));

  test("can be given and removed by those who manage the place alone", () =>
    inHouse(async (house) => {
      const { keys } = house.usecases.admin;
      await keys.put("service", "key-of-guild", admin(house));
      const others = [house.caller("member-1"), house.caller("admin-1", { tenant: "guild" })];
      for (const caller of others) {
        await expect(keys.list(caller)).rejects.toMatchObject({ code: "admins-only" });
        await expect(keys.put("service", "other", caller)).rejects.toMatchObject({ code: "admins-only" });
        await expect(keys.remove("service", caller)).rejects.toMatchObject({ code: "admins-only" });
      }
      const stranger = house.caller("admin-2", { rights: "admin", tenant: "other" });
      await expect(keys.remove("service", stranger)).rejects.toMatchObject({ code: "own-key-none" });
      expect(await rowsOf(house)).toHaveLength(1);
    }));
});

const rowsOf = (house: TestBot) => house.database.db.selectFrom("tenant_key").selectAll().execute();
