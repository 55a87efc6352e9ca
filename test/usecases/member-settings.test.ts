import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemberSettings, TenantRules } from "../../src/contract/usecases.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const admin = () => house.caller("boss", { rights: "admin" });
const change = (settings: Partial<MemberSettings>, member = "member-1") =>
  house.usecases.changeSettings(settings, house.caller(member));
const tenantDefaults = (defaults: TenantRules["defaults"]) => house.usecases.admin.changeRules({ defaults }, admin());
const imagine = (draft = {}) => house.usecases.imagine({ prompt: "a cat", ...draft }, house.caller());

describe("settings", () => {
  test("keep what is not mentioned, and unset what is undefined", async () => {
    await change({ size: "2048x1152", quality: "high", confirmAbove: 100 });
    expect(await change({ quality: undefined, count: 2 })).toEqual({ size: "2048x1152", count: 2, confirmAbove: 100 });
    expect(await house.usecases.settings(house.caller())).toEqual({ size: "2048x1152", count: 2, confirmAbove: 100 });
    expect(await house.usecases.settings(house.caller("member-2"))).toEqual({});
  });

  test("do not lose each other when many change at once", async () => {
    await Promise.all([
      change({ size: "2K" }),
      change({ quality: "low" }),
      change({ count: 3 }),
      change({ private: true }),
    ]);
    expect(await house.usecases.settings(house.caller())).toEqual({
      size: "2K",
      quality: "low",
      count: 3,
      private: true,
    });
  });

  test.each<[string, object, string]>([
    ["a size that is none", { size: "huge" }, "size-unknown"],
    ["a quality that is none", { quality: "best" }, "option-unknown"],
    ["a format that is none", { format: "gif" }, "option-unknown"],
    ["too many images", { count: 11 }, "count-out-of-range"],
    ["a service that is not there", { provider: "nobody" }, "provider-unknown"],
    ["a word for a yes", { private: "yes" }, "setting-unknown"],
    ["a number for a size", { size: 1024 }, "setting-unknown"],
    ["a price below nothing", { confirmAbove: -1 }, "amount-out-of-range"],
    ["half a credit", { confirmAbove: 0.5 }, "amount-out-of-range"],
    ["a quality that nobody tells the price of", { quality: "xhigh" }, "option-unknown"],
    ["a background that is none", { background: "blue" }, "option-unknown"],
    ["compression beyond all", { compression: 101 }, "compression-out-of-range"],
    ["a fidelity that is none", { fidelity: "medium" }, "option-unknown"],
    ["something unheard of", { colour: "red" }, "setting-unknown"],
    ["the name of a method", { toString: "x" }, "setting-unknown"],
  ])("refuse %s, and then nothing is changed", async (_what, wrong, code) => {
    await change({ quality: "low" });
    await expect(change({ count: 2, ...wrong })).rejects.toMatchObject({ code });
    expect(await house.usecases.settings(house.caller())).toEqual({ quality: "low" });
  });
});

describe("a request that says nothing", () => {
  test("is as the member has it, then as the tenant has it, then as the bot has it", async () => {
    await tenantDefaults({ size: "2048x1152", quality: "low", private: true });
    await change({ quality: "high", count: 2 });
    const { request } = await imagine();
    expect(request).toMatchObject({
      size: { width: 2048, height: 1152 },
      quality: "high",
      count: 2,
      private: true,
      format: "png",
    });
  });

  test("is priced as it would be made", async () => {
    await change({ size: "2048x1152", count: 2 });
    expect((await house.usecases.quote({ prompt: "a cat" }, house.caller())).total).toBe(500);
    expect((await imagine()).held).toBe(500);
  });

  test("gives way to what the request says", async () => {
    await change({ size: "2048x1152", private: true });
    const { request } = await imagine({ size: "1024x1024", private: false });
    expect(request).toMatchObject({ size: { width: 1024, height: 1024 }, private: false });
  });

  test("passes over a service that has left the configuration", async () => {
    await house.database.db
      .insertInto("setting")
      .values({ id: "member:member-1", value: JSON.stringify({ provider: "gone", quality: "low" }), changed_at: 0 })
      .execute();
    const { request } = await imagine();
    expect(request.quality).toBe("low");
    expect(request.provider).toBeUndefined();
  });

  test("has the background, compression and fidelity of the tenant, and the member's before them", async () => {
    Object.assign(house.provider.capabilities, {
      backgrounds: ["auto", "opaque", "transparent"],
      compression: "always",
    });
    await tenantDefaults({ format: "webp", background: "transparent", compression: 80, fidelity: "high" });
    await change({ compression: 60 });
    const { request, changes } = await imagine();
    expect(request).toMatchObject({ format: "webp", background: "transparent", compression: 60, fidelity: "high" });
    expect(changes).toEqual([]);
    expect((await imagine({ background: "opaque", format: "png" })).request).toMatchObject({ background: "opaque" });
  });

  test("passes over transparency that no service makes, or not the one that is named; typed, it is refused", async () => {
    await tenantDefaults({ background: "transparent", quality: "low" });
    expect((await imagine()).request).toMatchObject({ background: "auto", quality: "low" });
    const typed = house.usecases.submit(
      { kind: "draft", draft: { prompt: "a cat", background: "transparent" } },
      house.caller(),
    );
    await expect(typed).rejects.toMatchObject({ code: "option-unsupported" });
  });

  test("leaves an edit like the image that it changes", async () => {
    await house.work();
    const made = await house.end(await imagine({ size: "2048x1152" }));
    await change({ size: "1024x1024", count: 4 });
    const { request } = await house.usecases.edit({ job: made.id }, { prompt: "blue" }, house.caller());
    expect(request).toMatchObject({ size: { width: 2048, height: 1152 }, count: 1 });
  });
});

describe("asking before spending", () => {
  const confirm = async (draft = {}) =>
    (await house.usecases.quote({ prompt: "a cat", ...draft }, house.caller())).confirm;

  test("is wanted above 500 credits, or above what the member says", async () => {
    expect(await confirm({ count: 4 })).toBe(false);
    expect(await confirm({ count: 5 })).toBe(true);
    await change({ confirmAbove: 124 });
    expect(await confirm()).toBe(true);
    await change({ confirmAbove: 125 });
    expect(await confirm()).toBe(false);
    await change({ confirmAbove: 0 });
    expect(await confirm()).toBe(true);
  });

  test("buttons are priced like the job that they make, and hold nothing", async () => {
    await house.work();
    const made = await house.end(await imagine({ size: "2048x1152", count: 2 }));
    const of = { job: made.id, index: 0 };
    const before = await house.balance();
    await change({ confirmAbove: 0 });
    const price = async (how: "again" | "vary" | "upscale") =>
      (await house.usecases.ask({ kind: how, of }, house.caller()))?.quote.total;
    const quoted = [await price("again"), await price("vary"), await price("upscale")];
    expect(quoted).toEqual([500, 250, 500]);
    expect(await house.balance()).toEqual(before);
    const { usecases } = house;
    const made2 = [
      await usecases.again(made.id, house.caller()),
      await usecases.vary(of, house.caller()),
      await usecases.upscale(of, house.caller()),
    ];
    expect(made2.map(({ held }) => held)).toEqual(quoted);
    await expect(usecases.ask({ kind: "vary", of: { job: "none" } }, house.caller())).rejects.toMatchObject({
      code: "job-unknown",
    });
  });
});
