import { createHmac } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { createGrants } from "../../../src/server/grants.ts";
import { giveFromOutside, reverseFromOutside } from "../../../src/usecases/admin/outside-grants.ts";
import { blocksOf } from "../../docs/markdown.ts";
import { onBothStores } from "../../support/stores.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";
import { testLog } from "../../support/world.ts";

const token = "a-shop-that-nobody-else-would-know";
const member = "discord:80351110224678912";
const order = { key: "pi_3Nx", source: "stripe", member, amount: 700, note: "Supporter, November" };

onBothStores("grants from outside", (store) => {
  let bot: TestBot;
  let server: Server;
  beforeEach(async () => {
    bot = await openRoom({ database: await store.open() });
    const grants = createGrants({
      ...{ token, world: bot.world, log: testLog() },
      give: (grant) => giveFromOutside(bot.context, grant),
      reverse: (key, source) => reverseFromOutside(bot.context, key, source),
      explain: (error) => (error instanceof Refusal ? { code: error.code, message: error.code } : undefined),
    });
    server = express().use("/api/grants", grants).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
  });
  afterEach(async () => {
    server.close();
    await bot.close(); // audits the ledger
  });

  async function post(path: string, body: unknown, headers: Record<string, string> = bearer) {
    const { port } = server.address() as AddressInfo;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`http://127.0.0.1:${port}/api/grants${path}`, { method: "POST", body: text, headers });
    return { status: answer.status, ...((await answer.json()) as object) };
  }
  const bearer = { authorization: `Bearer ${token}` };
  const signed = (body: object, at: number, by = token) => ({
    "atelier-signature": `t=${at},v1=${createHmac("sha256", by)
      .update(`${at}.${JSON.stringify(body)}`)
      .digest("hex")}`,
  });
  const seconds = () => Math.floor(bot.world.now() / 1000);

  test("the same grant told three times, also at once, is given once, and the audit log names its source", async () => {
    const answers = await Promise.all([post("", order), post("", order), post("", order)]);
    const given = { status: 200, key: order.key, member, amount: 700, available: 5700 };
    expect(answers).toEqual([given, given, given]);
    const [entry, ...others] = await bot.usecases.admin.auditLog(10, bot.caller("operator-1"));
    expect(entry).toMatchObject({ name: "grant", subject: member, operator: "outside:stripe" });
    expect(entry?.facts).toEqual({ amount: 700, source: "stripe", note: order.note });
    expect(others).toEqual([]);
  });

  test("the requests in docs/grants.md do what it says", async () => {
    const [give = "", reverse = ""] = blocksOf("docs/grants.md").flatMap(({ language, text }) =>
      language === "http" ? text.slice(text.indexOf("{")) : [],
    );
    const printed = blocksOf("docs/grants.md").find(({ language }) => language === "json")?.text ?? "";
    expect(await post("", give)).toEqual({ status: 200, ...JSON.parse(printed) });
    expect(await post("/reversals", reverse)).toMatchObject({ status: 200, takenBack: 5000, available: 5000 });
  });

  test("a key that stands for something else is refused, and gives nothing", async () => {
    await post("", order);
    for (const change of [{ amount: 701 }, { member: "discord:7" }]) {
      expect(await post("", { ...order, ...change })).toMatchObject({
        status: 409,
        error: { code: "grant-key-taken" },
      });
    }
    expect((await bot.balance("discord:7")).available).toBe(5000);
    expect((await bot.balance(member)).available).toBe(5700);
  });

  test("a refund takes back what the member still has, once, and never more", async () => {
    await post("", { ...order, amount: 6000 });
    await bot.work();
    const asked = { prompt: "a fox", count: 4 };
    const job = await bot.end(await bot.usecases.imagine(asked, bot.caller(member)));
    const left = (await bot.balance(member)).available;
    expect(left).toBe(11_000 - (job.charged ?? 0));
    const refund = { key: order.key, source: "stripe" };
    const [first, again] = [await post("/reversals", refund), await post("/reversals", refund)];
    expect(first).toMatchObject({ status: 200, amount: 6000, takenBack: Math.min(6000, left) });
    expect(again).toEqual(first);
    expect((await bot.balance(member)).available).toBe(left - Math.min(6000, left));
    expect(await post("", { ...order, amount: 6000 })).toMatchObject({ takenBack: Math.min(6000, left) });
  });

  test("of credits that are spent nothing is taken back", async () => {
    await post("", { ...order, amount: 1000 });
    await bot.database.db.updateTable("account").set({ balance: 0 }).where("id", "=", `member:${member}`).execute();
    expect(await post("/reversals", { key: order.key, source: "stripe" })).toMatchObject({
      takenBack: 0,
      available: 0,
    });
    await bot.database.db.updateTable("account").set({ balance: 6000 }).where("id", "=", `member:${member}`).execute();
  });

  test("a refund of what was never given is told", async () => {
    const answer = await post("/reversals", { key: "nobody", source: "stripe" });
    expect(answer).toMatchObject({ status: 404, error: { code: "grant-unknown" } });
  });

  test("a signed body counts for five minutes, and only as it was signed", async () => {
    expect(await post("", order, signed(order, seconds() - 290))).toMatchObject({ status: 200, available: 5700 });
    const wrong = [
      {},
      { authorization: "Bearer " },
      { authorization: `Bearer ${token}x` },
      { authorization: `Basic ${token}` },
      signed(order, seconds() - 310),
      signed(order, seconds() + 310),
      signed({ ...order, amount: 1 }, seconds()),
      signed(order, seconds(), "another-secret-of-thirty-two-signs"),
      { "atelier-signature": `t=${seconds()},v1=` },
    ];
    for (const headers of wrong) {
      expect(await post("", { ...order, key: "other" }, headers as Record<string, string>)).toMatchObject({
        status: 401,
        error: { code: "unauthorized" },
      });
    }
    expect((await bot.balance(member)).available).toBe(5700);
  });

  test.each<[unknown, number, string]>([
    ["no json", 400, "malformed"],
    [[order], 400, "malformed"],
    [{ ...order, key: "" }, 400, "malformed"],
    [{ ...order, key: "a b" }, 400, "malformed"],
    [{ ...order, source: undefined }, 400, "malformed"],
    [{ ...order, amount: "700" }, 400, "malformed"],
    [{ ...order, amount: 0.5 }, 400, "malformed"],
    [{ ...order, note: "x".repeat(201) }, 400, "malformed"],
    [{ ...order, note: "a\u001b[31m" }, 400, "malformed"],
    [{ ...order, amount: 0 }, 422, "amount-out-of-range"],
    [{ ...order, amount: -5 }, 422, "amount-out-of-range"],
    [{ ...order, amount: 1_000_001 }, 422, "amount-out-of-range"],
    [{ ...order, member: "Ada" }, 422, "member-unknown"],
    [{ ...order, member: "erased:1" }, 422, "member-unknown"],
  ])("%j is refused by name, and nothing is given", async (body, status, code) => {
    expect(await post("", body)).toMatchObject({ status, error: { code } });
    expect(await bot.usecases.admin.auditLog(10, bot.caller("operator-1"))).toEqual([]);
  });
});
