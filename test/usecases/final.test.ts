import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom({ second: true });
  await house.work();
});
afterEach(() => house.close());

const limit = (service: TestBot["provider"], capabilities: object) => Object.assign(service.capabilities, capabilities);
const draw = async (draft: object = {}): Promise<JobView> =>
  house.end(await house.usecases.imagine({ prompt: "a red bicycle", quality: "low", ...draft }, house.caller()));
const final = ({ id }: JobView, index?: number) => house.usecases.final({ job: id, index }, house.caller());

test("draws a draft once more, larger and at the highest quality, with the draft as its reference", async () => {
  const draft = await draw({ count: 2 });
  expect(draft.offersFinal).toBe(true);
  const { id, request, quote } = await final(draft, 1);
  expect(quote).toMatchObject({ total: 250, tier: "2K" });
  expect(request).toMatchObject({ prompt: "a red bicycle", quality: "high", count: 1, fidelity: "high" });
  const job = await house.end(await house.usecases.confirm(id, house.caller()));
  expect(job).toMatchObject({ state: "delivered", parent: draft.id, held: 250, charged: 250, offersFinal: false });
  expect(house.provider.sent.at(-1)).toMatchObject({ size: { width: 2048, height: 2048 }, quality: "high" });
  expect(job.request.references.map(({ sha256 }) => sha256)).toEqual([draft.images[1]?.sha256]);
});

test("tells its price before anything is held, however little the member asks to be asked", async () => {
  await house.usecases.changeSettings({ confirmAbove: 1_000_000 }, house.caller());
  const draft = await draw();
  const before = await house.balance();
  await final(draft);
  expect(await house.balance()).toEqual(before);
  expect(house.provider.sent).toHaveLength(1);
});

test("stays as large as the draft where the credits do not suffice for more", async () => {
  const draft = await draw({ size: "2048x2048", count: 10 });
  await draw({ size: "2048x2048", count: 8 });
  expect((await house.balance()).available).toBe(500);
  await house.usecases.admin.limit({ daily: 4750 }, house.caller("boss", { rights: "admin" }));
  expect((await final(draft)).quote).toMatchObject({ total: 250, tier: "2K" });
});

test("stays as large as the draft where nothing is larger", async () => {
  const { request, quote } = await final(await draw({ size: "3840x2160" }));
  expect(request).toMatchObject({ size: { width: 3840, height: 2160 }, quality: "high" });
  expect(quote).toMatchObject({ total: 500, tier: "4K" });
});

test("goes to the service that takes the quality, also where the draft was for another one alone", async () => {
  limit(house.provider, { qualities: ["low"] });
  Object.assign(house.second, { label: "Second" });
  const draft = await draw({ provider: "service" });
  expect((await final(draft)).quote.provider).toBe("Second");
});

test("is not offered, and refused, where no service draws at a higher quality or takes references", async () => {
  const draft = await draw();
  for (const service of [house.provider, house.second]) limit(service, { qualities: ["low"] });
  expect((await house.usecases.job(draft.id, house.caller())).offersFinal).toBe(false);
  await expect(final(draft)).rejects.toMatchObject({ code: "no-final" });
  for (const service of [house.provider, house.second]) {
    limit(service, { qualities: ["low", "high"], maxReferences: 0 });
  }
  expect((await house.usecases.job(draft.id, house.caller())).offersFinal).toBe(false);
  await expect(final(draft)).rejects.toMatchObject({ code: "no-final" });
});

test("is not offered for what is no draft", async () => {
  const drawn = await draw({ quality: "medium" });
  expect(drawn.offersFinal).toBe(false);
  await expect(final(drawn)).rejects.toMatchObject({ code: "no-final" });
});

test("obeys the rules of the place", async () => {
  const draft = await draw();
  await house.usecases.admin.changeRules({ blockedWords: ["bicycle"] }, house.caller("boss", { rights: "admin" }));
  await expect(final(draft)).rejects.toMatchObject({ code: "word-blocked" });
});

test("is for whoever sees the draft alone", async () => {
  const draft = await draw({ private: true });
  const other = house.caller("member-2");
  await expect(house.usecases.final({ job: draft.id }, other)).rejects.toMatchObject({ code: "job-unknown" });
});

test("drafts are what is drawn where nobody names a quality, if the member or the place has it so", async () => {
  const quality = async (draft = {}) =>
    (await house.usecases.imagine({ prompt: "a cat", ...draft }, house.caller())).request.quality;
  await house.usecases.changeSettings({ quality: "high" }, house.caller());
  await house.usecases.admin.changeRules({ defaults: { drafts: true } }, house.caller("boss", { rights: "admin" }));
  expect(await quality()).toBe("low");
  expect(await quality({ quality: "medium" })).toBe("medium");
  await house.usecases.changeSettings({ drafts: false }, house.caller());
  expect(await quality()).toBe("high");
  await house.usecases.changeSettings({ drafts: true }, house.caller());
  expect(await quality()).toBe("low");
});
