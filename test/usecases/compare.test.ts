import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isFinal } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { failWith } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom({ second: true, queuedPerMember: 40 });
});
afterEach(() => house.close());

async function asked(provider: string, prompt = "a kite") {
  const order = { kind: "draft", draft: { prompt, provider } } as const;
  const confirmation = await house.usecases.ask(order, house.caller());
  if (!confirmation?.batch) throw new Error("nothing was asked");
  return { ...confirmation, batch: confirmation.batch };
}

test("a comparison is the same prompt by every service, priced each and in all, with a result for each", async () => {
  const { id, quote, batch } = await asked("compare");
  expect(batch.by).toBe("services");
  expect(batch.parts.map(({ request }) => [request.prompt, request.provider])).toEqual([
    ["a kite", "service"],
    ["a kite", "second"],
  ]);
  expect(quote.total).toBe(batch.parts.reduce((sum, part) => sum + part.quote.total, 0));
  house.second.scripts.push(failWith(new ProviderError("second", "moderated", "declined")));
  const submitted = await house.usecases.submit({ kind: "confirmation", id }, house.caller());
  if (submitted.kind !== "batch") throw new Error("no batch");
  await house.work();
  for await (const view of house.usecases.batches.watch(submitted.batch.id, new AbortController().signal)) {
    if (!view.parts.every(({ state }) => isFinal(state))) continue;
    expect(view.parts.map(({ state }) => state)).toEqual(["delivered", "failed"]);
  }
  expect(await house.balance()).toEqual({ available: 4875, held: 0 });
  expect([house.provider.sent.length, house.second.sent.length]).toEqual([1, 1]);
});

test("a service that has trouble is left out and named with the reason, and one that is unknown is refused", async () => {
  house.context.breakers.ended("second", new ProviderError("second", "refused", "no money", { refusedFor: "money" }));
  const { batch } = await asked("compare");
  expect(batch.parts).toHaveLength(1);
  expect(batch.leftOut).toMatchObject([{ refusal: { code: "service-resting" } }]);
  await expect(asked("compare:nobody")).rejects.toMatchObject({ code: "provider-unknown" });
  expect((await asked("compare:service")).batch.parts).toHaveLength(1);
  expect((await asked("Compare", "{red, blue} kite")).batch).toMatchObject({ by: "both" });
});

test("the price of any comparison is the sum of its parts, each at the price of its own service", async () => {
  const draft = fc.record({
    provider: fc.constantFrom("compare", "compare:second,service", "compare:second"),
    count: fc.integer({ min: 1, max: 3 }),
    quality: fc.constantFrom("low", "medium", "high"),
    size: fc.constantFrom("1024x1024", "2048x2048", "2048x1152"),
    prompt: fc.constantFrom("a kite", "a {red, blue} kite"),
  });
  await fc.assert(
    fc.asyncProperty(draft, async (given) => {
      const confirmation = await house.usecases.ask({ kind: "draft", draft: given }, house.caller());
      const parts = confirmation?.batch?.parts ?? [];
      expect(parts.length).toBeGreaterThan(0);
      for (const { request, quote } of parts) {
        const { total } = await house.usecases.quote(
          { ...given, prompt: "a kite", provider: request.provider },
          house.caller(),
        );
        expect(quote.total).toBe(total);
      }
      expect(confirmation?.quote.total).toBe(parts.reduce((sum, { quote }) => sum + quote.total, 0));
    }),
    { numRuns: 100 },
  );
});
