import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeliveryDelayed } from "../../../src/contract/delivery.ts";
import type { NewStep, StepStarted } from "../../../src/contract/steps.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Json } from "../../support/slack/state.ts";
import { runStep } from "../../support/slack/workflows.ts";

let house: SlackHouse;
const waits: string[] = [];

beforeEach(async () => {
  house = await slackHouse();
  waits.length = 0;
});
afterEach(async () => {
  const { violations } = house.slack;
  await house.close();
  expect(violations).toEqual([]);
});

const inputs = { prompt: "a fox", channel: "C1" };
const run = (given: Partial<Parameters<typeof runStep>[2]> = {}) =>
  runStep(house.line, { ...house, team: "T1" }, { inputs, starter: "U1", ...given });
const begin = (step: NewStep, waiting?: string): Promise<StepStarted> => {
  const { startStep } = house.platform;
  if (!startStep) throw new Error("the platform takes no steps");
  return startStep({ ...step, waiting, keepWaiting: async (spot) => void waits.push(spot) });
};
const lastAdded = () => house.context.steps.added.at(-1) as NewStep;

describe.each(["socket", "http"] as const)("by %s", (mode) => {
  beforeEach(async () => {
    await house.close();
    house = await slackHouse(mode);
  });

  it("writes a step down before it answers, and keeps no token of it", async () => {
    const gate = Promise.withResolvers<void>();
    house.context.steps.closed = gate.promise;
    let isAnswered = false;
    const sent = run().then((step) => {
      isAnswered = true;
      return step;
    });
    await house.tell({ type: "app_home_opened", user: "U1", tab: "messages" }); // what comes later is answered
    expect([isAnswered, house.context.steps.added]).toEqual([false, []]);
    gate.resolve();
    const { execution } = await sent;
    expect(lastAdded()).toMatchObject({
      id: `slack:T1:step:${execution.id}`,
      ...{ platform: "slack", tenant: "slack:T1", member: "slack:T1:U1" },
    });
    expect(JSON.stringify(house.context.steps.added)).not.toMatch(/xwfp|secret-of/);
  });
});

it("takes the workspace of the installation, also of an organisation, and not another's", async () => {
  Object.assign(house.slack.identity, { team_id: "T1" });
  const authorizations = (team_id: string) => [{ enterprise_id: "E1", team_id, user_id: "UBOT", is_bot: true }];
  await run({ envelope: { team_id: "T9", authorizations: authorizations("T1") } });
  expect(lastAdded()).toMatchObject({ tenant: "slack:T1" });
  await run({ envelope: { team_id: "T9", authorizations: authorizations("T9") } });
  expect(house.context.steps.added).toHaveLength(1);
  await run({ starter: undefined, envelope: { authorizations: authorizations("T1") } });
  await begin(lastAdded());
  expect(house.usecases.starts.at(-1)?.caller).toMatchObject({
    ...{ tenant: "slack:T1", member: "slack:T1/workflows", organisation: "slack:E1", paidBy: "steps-budget" },
  });
});

it("keeps two workspaces of one organisation apart, where the same person starts workflows", async () => {
  await house.platform.stop();
  Object.assign(house.slack.identity, { team_id: "E1", enterprise_id: "E1", is_enterprise_install: true });
  house.slack.tokens.set(house.slack.botToken, "E1");
  Object.assign(house, { platform: house.another() });
  await house.platform.start();
  for (const team of ["T1", "T2"]) {
    const authorizations = [{ enterprise_id: "E1", team_id: team, is_enterprise_install: true, is_bot: true }];
    const envelope: Json = { authorizations, team_id: team };
    const { execution } = await runStep(house.line, { ...house, team }, { inputs, starter: "U1", envelope });
    await begin(lastAdded());
    expect(house.usecases.starts.at(-1)?.caller).toMatchObject({ tenant: `slack:${team}`, member: `slack:${team}:U1` });
    await house.platform.endStep?.({ ...lastAdded(), outcome: { refused: "No." } });
    expect(execution).toMatchObject({ state: "failed", error: "No.", ends: 1 });
  }
});

it("gives nobody who started it the rights of an admin", async () => {
  house.slack.members.set("U1", { locale: "en-US", admin: true, displayName: "boss" });
  await run();
  await begin(lastAdded());
  expect(house.usecases.starts[0]?.caller).toMatchObject({ member: "slack:T1:U1", name: "boss", rights: undefined });
});

it("posts one waiting message, however often it is begun", async () => {
  await run();
  house.usecases.failNext(new Error("the database is gone"));
  await expect(begin(lastAdded())).rejects.toThrow("the database is gone");
  expect(waits).toHaveLength(1);
  await begin(lastAdded(), waits[0]);
  expect(house.slack.messagesIn("C1")).toHaveLength(1);
});

it("is begun again later while Slack cannot take its message", async () => {
  await run();
  house.slack.trouble("chat.postMessage", { error: "internal_error" });
  await expect(begin(lastAdded())).rejects.toThrow(DeliveryDelayed);
  expect(await begin(lastAdded())).toMatchObject({ job: expect.any(String) });
});

it.each(["DU2", "U2", "", "general"])("writes to no conversation but channels: %j", async (channel) => {
  await run({ inputs: { prompt: "a fox", channel: "C1" } });
  const event = JSON.parse(lastAdded().event);
  const started = await begin({
    ...lastAdded(),
    event: JSON.stringify({ ...event, inputs: { ...event.inputs, channel } }),
  });
  expect(started).toMatchObject({ refused: expect.any(String) });
  expect([house.usecases.starts, house.slack.messages]).toEqual([[], []]);
});

it.each([
  ["functions.completeError", { error: "internal_error" }],
  ["functions.completeError", { drop: "before" }],
] as const)("tells an end again later when %s meets %j", async (method, trouble) => {
  const { execution } = await run();
  house.slack.trouble(method, trouble);
  const end = { ...lastAdded(), outcome: { refused: "No." } };
  await expect(house.platform.endStep?.(end)).rejects.toThrow(DeliveryDelayed);
  await house.platform.endStep?.(end);
  expect(execution).toMatchObject({ state: "failed", ends: 1 });
});

it.each([
  ["delivered", 1, { state: "succeeded", outputs: { permalink: "https://acme.slack.com/files/F0PHOTO01", price: 7 } }],
  ["delivered", 0, { state: "failed", error: "The image was deleted before the step ended." }],
  ["undeliverable", 0, { state: "failed", error: "The image is there, but could not be posted." }],
  ["cancelled", 0, { state: "failed", error: "The image was cancelled." }],
] as const)("tells that a job ended %s with %i images, whose message is gone", async (state, count, end) => {
  const { execution } = await run();
  const started = await begin(lastAdded());
  if (!("job" in started)) throw new Error(started.refused);
  house.slack.fileFacts.set("F0PHOTO01", { permalink: "https://acme.slack.com/files/F0PHOTO01" });
  const images = count === 0 ? [] : [await house.image("one.png")];
  const job = house.usecases.push(started.job, { state, images, charged: 7 });
  const messages = ["slack:T1:C1:1700000000.000001", "slack:T1:file:F0PHOTO01"];
  await house.platform.endStep?.({ ...lastAdded(), outcome: { job, messages } });
  expect(execution).toMatchObject({ ...end, ends: 1 });
});

it("deletes the file that a workflow was given, with the messages of its job", async () => {
  house.slack.files.set("F0PHOTO01", { id: "F0PHOTO01", filename: "a.png", length: 1, completed: 1, notReadyFor: 0 });
  await house.platform.eraseMessages?.(["slack:T1:file:F0PHOTO01", "slack:T2:file:F0PHOTO01"], "slack:T1");
  expect([...house.slack.files.keys()]).toEqual([]);
  expect(house.slack.callsOf("files.delete")).toHaveLength(1);
});
