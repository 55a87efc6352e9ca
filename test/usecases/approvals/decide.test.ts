import { expect, test } from "vitest";
import { audit } from "../../../src/store/audit.ts";
import { createUseCases } from "../../../src/usecases/create-usecases.ts";
import { approver, openPlaceWithApproval, orderAbove } from "../../support/approvals.ts";
import { onBothStores } from "../../support/stores.ts";
import type { TestBot } from "../../support/test-bot.ts";

const dayMs = 86_400_000;

onBothStores("an order above the limit", (store) => {
  async function inPlace(play: (house: TestBot) => Promise<void>): Promise<void> {
    const database = await store.open();
    const house = await openPlaceWithApproval({ database });
    try {
      await play(house);
      expect(await audit(database.db)).toEqual([]);
    } finally {
      await house.close();
    }
  }
  const refusal = async (asking: Promise<unknown>) =>
    asking.then(
      () => "none",
      ({ code }) => code,
    );

  test("waits with its price held, and says who decides", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      expect(job).toMatchObject({
        state: "awaiting",
        held: 250,
        approval: { approvers: ["test/role:approver", "approver-1"], expiresAt: house.world.now() + dayMs },
      });
      expect(await house.balance()).toEqual({ available: 4750, held: 250 });
      await house.work();
      expect(house.provider.sent).toEqual([]);
    }));

  test("is drawn, posted and charged once it is approved", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      await house.work();
      const decided = await house.usecases.approvals.decide(job.id, true, approver(house));
      expect(decided).toMatchObject({
        decision: "approved",
        by: "Name of approver-2",
        job: { request: { prompt: "" } },
      });
      expect(await house.end(job)).toMatchObject({ state: "delivered", charged: 250 });
      expect(await house.balance()).toEqual({ available: 4750, held: 0 });
    }));

  test("is made once when two approve at the same time, in two processes", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      const other = createUseCases(house.context);
      const answers = await Promise.all([
        refusal(house.usecases.approvals.decide(job.id, true, approver(house, "a"))),
        refusal(other.approvals.decide(job.id, true, approver(house, "b"))),
        refusal(other.approvals.decide(job.id, true, approver(house, "c"))),
      ]);
      expect(answers.toSorted()).toEqual(["approval-decided", "approval-decided", "none"]);
      await house.work();
      expect(await house.end(job)).toMatchObject({ state: "delivered" });
      expect(house.provider.sent).toHaveLength(1);
      expect(await house.balance()).toEqual({ available: 4750, held: 0 });
    }));

  test("is decided once when one approves and another refuses, and its member takes it back, all at once", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      const answers = await Promise.all([
        refusal(house.usecases.approvals.decide(job.id, false, approver(house, "a"))),
        refusal(house.usecases.approvals.decide(job.id, true, approver(house, "b"))),
        refusal(house.usecases.cancel(job.id, house.caller())),
      ]);
      expect(answers.filter((answer) => answer === "none").length).toBeGreaterThan(0);
      const { held } = await house.balance();
      const { state } = await house.usecases.job(job.id, house.caller());
      expect({ state, held }).toEqual({ state, held: state === "queued" ? 250 : 0 });
      expect(["queued", "failed", "cancelled"]).toContain(state);
    }));

  test("is refused: its credits come back, and its member hears of it and who it was", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      await house.work();
      await house.usecases.approvals.decide(job.id, false, approver(house));
      expect(await house.end(job)).toMatchObject({ state: "failed" });
      await expect.poll(() => house.posted).toHaveLength(1);
      expect(house.posted[0]?.job).toMatchObject({
        state: "failed",
        failure: { outcome: "not-approved", by: "Name of approver-2" },
      });
      expect(await house.balance()).toEqual({ available: 5000, held: 0 });
      expect(house.provider.sent).toEqual([]);
    }));

  test("ends when nobody answers within a day, uncharged, and its member hears of it", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      house.world.advance(dayMs);
      await house.work();
      expect(await house.end(job)).toMatchObject({ state: "failed", failure: { outcome: "approval-expired" } });
      await expect.poll(() => house.posted).toHaveLength(1);
      expect(await house.balance()).toEqual({ available: 5000, held: 0 });
      expect(await refusal(house.usecases.approvals.decide(job.id, true, approver(house)))).toBe("approval-decided");
    }));

  test("ends by an answer that comes too late, while no process looks for those", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      house.world.advance(dayMs);
      expect(await refusal(house.usecases.approvals.decide(job.id, true, approver(house)))).toBe("approval-decided");
      expect(await house.usecases.job(job.id, house.caller())).toMatchObject({ state: "failed" });
    }));
});
