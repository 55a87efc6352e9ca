import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, runAtelier, startAtelier } from "../support/atelier.ts";
import { member } from "../support/slack/member.ts";
import type { Json } from "../support/slack/state.ts";
import { runStep } from "../support/slack/workflows.ts";
import { openSlackStage, type SlackStage } from "./slack-stage.ts";

/** A workflow step outlives the processes that took it: it ends once, whichever moment they die at. */
let stage: SlackStage;
let service: SlackStage["service"];
let fake: SlackStage["fake"];
let bot: AtelierProcess;

const start = async (more: Record<string, string> = {}) => {
  bot = await startAtelier({ ...stage.environment(), ...more });
};
const step = (inputs: Json = {}) =>
  runStep(fake.line, { ...fake, team: "T1" }, { inputs: { prompt: "a fox", channel: "C1", ...inputs }, starter: "U1" });

beforeEach(async () => {
  stage = await openSlackStage();
  ({ service, fake } = stage);
});
afterEach(async () => {
  await bot.stop();
  const { code } = await runAtelier(["--audit"], stage.environment());
  await stage.close();
  expect(code).toBe(0);
});

test.each(["before-accept", "accepted", "step-started", "write-ahead", "posting", "posted", "delivered"])(
  "ends once after a death at %s",
  async (point) => {
    await start({ ATELIER_FAILPOINT: point });
    const { execution } = await step();
    await expect(bot.line(({ msg }) => msg === "workflow step ended")).rejects.toThrow("ended with");
    expect(execution.state).toBe("running");
    await start();
    const end = await fake.slack.workflows.ended(execution.id);
    // a call that may have been sent is never sent again: that step fails, and nobody pays
    expect(end.state).toBe(point === "write-ahead" ? "failed" : "succeeded");
    expect([end.ends, fake.slack.messagesIn("C1").length]).toEqual([1, 1]);
    expect(service.requests.length).toBeLessThanOrEqual(1);
  },
);

test("takes Slack's word that a step has ended, when it died before it could write that down", async () => {
  await start({ ATELIER_FAILPOINT: "step-told" });
  const { execution } = await step();
  await fake.slack.workflows.ended(execution.id);
  await expect(bot.line(({ msg }) => msg === "workflow step ended")).rejects.toThrow("ended with");
  await start();
  await bot.line(({ msg }) => msg === "workflow step ended");
  expect(execution).toMatchObject({ state: "succeeded", ends: 2 });
  expect(fake.slack.violations.splice(0)).toEqual(["a step was ended a second time"]); // once more, as nobody knew; Slack refused
});

test("posts and charges honestly when the workflow was cancelled meanwhile, and says so in its log", async () => {
  await start();
  service.answerNext({ kind: "hang" });
  const { execution } = await step();
  await service.arrived(1);
  fake.slack.workflows.cancel(execution.id);
  service.release();
  await bot.line(({ msg }) => msg === "Slack takes no end of a workflow step any more");
  await bot.line(({ msg }) => msg === "workflow step ended");
  expect(execution).toMatchObject({ state: "cancelled", ends: 1 });
  expect(bot.lines.find(({ msg, state }) => msg === "delivered" && state === "delivered")).toBeDefined();
  expect(JSON.stringify(fake.slack.messagesIn("C1")[0]?.blocks)).toContain("slack_file");
});

/** Orders of anybody above 10 credits are asked about in C9. */
async function guarded() {
  fake.slack.channels.set("C9", true);
  fake.slack.members.set("UBOSS", { locale: "en-US", admin: true, displayName: "boss" });
  await start();
  const boss = member(fake.slack, fake.line, fake.origin, { id: "UBOSS" });
  await boss.slash("/imagine-admin", "approval --above 1 --channel <#C9>");
  await fake.slack.until(() => fake.slack.whispers[0]);
  const { execution } = await step();
  const question = await fake.slack.until(() => fake.slack.messagesIn("C9")[1]);
  return { boss, execution, question };
}

test("waits for an approval over a restart, and ends when it is given", async () => {
  const { boss, execution, question } = await guarded();
  await bot.kill();
  await start();
  expect([execution.state, service.requests.length]).toEqual(["running", 0]);
  await boss.press(question, "Approve");
  expect(await fake.slack.workflows.ended(execution.id)).toMatchObject({ state: "succeeded", ends: 1 });
});

test("fails once when the approval is refused", async () => {
  const { boss, execution, question } = await guarded();
  await boss.press(question, "Refuse");
  const { error, ends } = await fake.slack.workflows.ended(execution.id);
  expect([error, ends]).toEqual([expect.stringContaining("did not approve this."), 1]);
});

test("fails once when its job is cancelled", async () => {
  const { execution } = await guarded();
  const ada = member(fake.slack, fake.line, fake.origin, { id: "U1" });
  const waiting = await fake.slack.until(() => {
    const [message] = fake.slack.messagesIn("C1");
    return message && JSON.stringify(message.blocks).includes("Waiting for approval") && message;
  });
  await ada.press(waiting, "Cancel");
  expect(await fake.slack.workflows.ended(execution.id)).toMatchObject({ error: "The image was cancelled.", ends: 1 });
});
