import { describe, expect, test } from "vitest";
import { isFinal } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { failWith } from "../support/services/scripted-provider.ts";
import { give, house, imagine, made, onStage, open, scripts, sent } from "./own-keys-stage.ts";

onStage();

/** Ways by which a job could come to be drawn by somebody else's key, or at somebody else's cost. */
describe("no way leads over the border of a place", () => {
  const asker = (tenant: string) => house.caller("member-1", { tenant });

  test("not an edit, a repetition or a variation of a job of another place", async () => {
    await give("key-of-one", "one");
    await give("key-of-two", "two");
    await house.work();
    const job = await made("one");
    const { usecases } = house;
    await house.end(await usecases.again(job.id, asker("two")));
    await house.end(await usecases.edit({ job: job.id, index: 0 }, { prompt: "make it blue" }, asker("two")));
    await house.end(await usecases.again(job.id, asker("nowhere")));
    expect(sent).toEqual(["key-of-one", "key-of-two", "key-of-two"]);
    expect(house.provider.sent).toHaveLength(1);
  });

  test("not a question that was asked in one place and is answered in another", async () => {
    await give("key-of-one", "one");
    await house.work();
    const order = { kind: "draft", draft: { prompt: "a kite", provider: "compare" } } as const;
    const confirmation = await house.usecases.ask(order, asker("one"));
    const answer = { kind: "confirmation", id: confirmation?.id ?? "" } as const;
    const submitted = await house.usecases.submit(answer, asker("two"));
    if (submitted.kind !== "batch") throw new Error("no batch");
    expect(submitted.batch.parts.map(({ tenant }) => tenant)).toEqual(["one"]);
    await house.end(submitted.batch.parts[0]);
    expect(sent).toEqual(["key-of-one"]);
  });

  test("not a comparison: each service is paid by who pays it here, and counts against those budgets alone", async () => {
    await open({ second: true, globalDaily: 125 });
    await give("key-of-guild", "guild", "second");
    await house.work();
    const order = { kind: "draft", draft: { prompt: "a kite", provider: "compare" } } as const;
    const confirmation = await house.usecases.ask(order, house.caller());
    const answer = { kind: "confirmation", id: confirmation?.id ?? "" } as const;
    const submitted = await house.usecases.submit(answer, house.caller());
    if (submitted.kind !== "batch") throw new Error("no batch");
    for await (const view of house.usecases.batches.watch(submitted.batch.id, new AbortController().signal)) {
      if (view.parts.every(({ state }) => isFinal(state))) break;
    }
    expect(sent).toEqual(["key-of-guild"]);
    expect([house.provider.sent.length, house.second.sent.length]).toEqual([1, 0]);
    await expect(imagine("other")).rejects.toMatchObject({ code: "global-budget-spent" });
  });

  test("not a job that the operator pays and that must go on elsewhere", async () => {
    await open({ second: true });
    const job = await imagine();
    await give("key-of-guild", "guild", "second");
    house.provider.scripts.push(failWith(new ProviderError("service", "refused", "no", { refusedFor: "money" })));
    await house.work();
    expect((await house.end(job)).state).toBe("failed");
    expect([sent, house.second.sent]).toEqual([[], []]);
  });

  test("but a job that the place pays goes on with another key of its own", async () => {
    await open({ second: true });
    await give("key-1-of-guild");
    await give("key-2-of-guild", "guild", "second");
    scripts.set("key-1-of-guild", [failWith(new ProviderError("service", "refused", "no", { refusedFor: "money" }))]);
    await house.work();
    expect((await made()).state).toBe("delivered");
    expect(sent.at(-1)).toBe("key-2-of-guild");
    expect([house.provider.sent, house.second.sent]).toEqual([[], []]);
  });

  test("not a flood of one place: calls by its key take no room of those that the operator pays", async () => {
    await give("key-of-guild");
    const releases: (() => void)[] = [];
    const waiting = Array.from(
      { length: 6 },
      () =>
        async function* () {
          await new Promise<void>((resolve) => releases.push(resolve));
          yield* [];
          throw new ProviderError("service", "not-sent", "given up");
        },
    );
    scripts.set("key-of-guild", waiting);
    await house.work();
    for (let n = 0; n < 6; n += 1) await imagine("guild", { member: `crowd-${n}` });
    expect((await made("other", { member: "somebody" })).state).toBe("delivered");
    expect(releases.length).toBeLessThanOrEqual(4); // what one key takes at a time
    scripts.set("key-of-guild", []);
    for (const release of releases) release();
  });
});
