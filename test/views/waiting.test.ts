import { afterEach, beforeEach, expect, test } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { sayPresent } from "../../src/store/presence.ts";
import { textFor } from "../../src/text/text.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const imagine = () => house.usecases.imagine({ prompt: "a cat" }, house.caller());
const seen = async (id: string) => house.usecases.job(id, house.caller());

test("a job that waits for its turn says nothing more", async () => {
  const job = await imagine();
  expect(job.waiting).toBeUndefined();
  expect(textFor("en").job(job).title).toBe("Waiting: next in the queue");
});

test("a job whose service rests says so, and when it is tried again", async () => {
  const { id } = await imagine();
  house.context.breakers.ended("service", new ProviderError("service", "refused", "slow down", { refusedFor: "rate" }));
  const until = house.world.now() + 10_000;
  const job = await seen(id);
  expect(job.waiting).toEqual({ reason: "service", until });
  const { title, paragraphs } = textFor("en").job(job);
  expect(title).toMatch(/^Waiting: .* has trouble$/);
  expect(paragraphs.join(" ")).toMatch(/tried again by itself at .*UTC/);
  expect(textFor("zh-CN").job(job).paragraphs.join(" ")).toContain("自动重试");
  house.world.advance(10_000);
  expect((await seen(id)).waiting).toBeUndefined();
});

test("a job that another process has put off says when it is tried again", async () => {
  const { id } = await imagine();
  const until = house.world.now() + 60_000;
  await house.database.db.updateTable("job").set({ run_at: until }).where("id", "=", id).execute();
  expect((await seen(id)).waiting).toEqual({ reason: "service", until });
});

test("a job that waits because the operator paused everything says so, until the pause ends", async () => {
  const { id } = await imagine();
  await house.usecases.admin.pause("moving house", house.caller("operator-1"));
  const job = await seen(id);
  expect(job.waiting).toEqual({ reason: "paused" });
  expect(textFor("en").job(job)).toMatchObject({ title: "Waiting: images are paused" });
  expect(textFor("zh-CN").job(job).title).toContain("暂停");
  await house.usecases.admin.pause(undefined, house.caller("operator-1"));
  expect((await seen(id)).waiting).toBeUndefined();
});

test("a job that waits because no process draws says so, until one does", async () => {
  const { id } = await imagine();
  house.world.advance(10_001);
  const job = await seen(id);
  expect(job.waiting).toEqual({ reason: "worker" });
  expect(textFor("en").job(job)).toMatchObject({ title: "Waiting: nothing draws at the moment" });
  expect(textFor("en").job(job).paragraphs.join(" ")).toContain("starts by itself");
  expect(textFor("zh-CN").job(job).title).toContain("没有程序在绘图");
  expect(await house.usecases.admin.draws(house.caller("operator-1"))).toBe(false);
  await sayPresent(house.database.db, house.world.now());
  expect((await seen(id)).waiting).toBeUndefined();
  expect(await house.usecases.admin.draws(house.caller("operator-1"))).toBe(true);
});
