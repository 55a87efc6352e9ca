import { describe, expect, test } from "vitest";
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

  describe("of a batch", () => {
    const orderBatch = async (house: TestBot) => {
      const draft = { prompt: "a {red, blue, green} bicycle" };
      const confirmation = await house.usecases.ask({ kind: "draft", draft }, house.caller());
      const answer = { kind: "confirmation", id: confirmation?.id ?? "" } as const;
      const submitted = await house.usecases.submit(answer, house.caller());
      if (submitted.kind !== "batch") throw new Error("no batch");
      return submitted.batch.parts;
    };
    const states = async (house: TestBot, parts: readonly { readonly id: string }[]) =>
      Promise.all(parts.map(async ({ id }) => (await house.usecases.job(id, house.caller())).state));

    test("is asked about once, with its prompt as it was written and its whole price", () =>
      inPlace(async (house) => {
        const parts = await orderBatch(house);
        expect(await states(house, parts)).toEqual(["awaiting", "awaiting", "awaiting"]);
        const asked = { held: 375, request: { prompt: "a {red, blue, green} bicycle", count: 3 } };
        const open = await house.usecases.approvals.open(approver(house));
        expect(open).toMatchObject([{ job: { id: parts[0]?.id, ...asked } }]);
        await house.work();
        await expect.poll(() => house.channelPosts).toMatchObject([{ content: { approval: { job: asked } } }]);
      }));

    test("is approved or refused whole by one answer, at whichever part, also of two at the same time", () =>
      inPlace(async (house) => {
        const [first, second] = [await orderBatch(house), await orderBatch(house)];
        const answers = await Promise.all([
          refusal(house.usecases.approvals.decide(first[2]?.id ?? "", true, approver(house, "a"))),
          refusal(house.usecases.approvals.decide(first[0]?.id ?? "", false, approver(house, "b"))),
        ]);
        expect(answers.toSorted()).toEqual(["approval-decided", "none"]);
        expect(new Set(await states(house, first)).size).toBe(1);
        await house.usecases.approvals.decide(second[0]?.id ?? "", false, approver(house));
        expect(await states(house, second)).toEqual(["failed", "failed", "failed"]);
        expect((await house.balance()).held).toBe(answers[0] === "none" ? 375 : 0);
      }));

    test("without the parts that its member took back, the first among them", () =>
      inPlace(async (house) => {
        const parts = await orderBatch(house);
        await house.work();
        await expect.poll(() => house.channelPosts).toHaveLength(1);
        await house.usecases.cancel(parts[0]?.id ?? "", house.caller());
        const left = { held: 250, request: { count: 2 } };
        await expect
          .poll(() => house.channelPosts.at(-1))
          .toMatchObject({ content: { approval: { job: left, decision: undefined } } });
        expect(await house.usecases.approvals.open(approver(house))).toMatchObject([{ job: { held: 250 } }]);
        await house.usecases.approvals.decide(parts[0]?.id ?? "", true, approver(house));
        const [first, ...rest] = await states(house, parts);
        expect(first).toBe("cancelled");
        expect(rest).not.toContain("awaiting");
      }));
  });

  test("ends by an answer that comes too late, while no process looks for those", () =>
    inPlace(async (house) => {
      const job = await orderAbove(house);
      house.world.advance(dayMs);
      expect(await refusal(house.usecases.approvals.decide(job.id, true, approver(house)))).toBe("approval-decided");
      expect(await house.usecases.job(job.id, house.caller())).toMatchObject({ state: "failed" });
    }));
});
