import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type Member, member } from "../support/slack/member.ts";
import type { SlackMessage } from "../support/slack/state.ts";
import { openSlackStage, type SlackStage } from "./slack-stage.ts";

let stage: SlackStage;
let fake: SlackStage["fake"];
let service: SlackStage["service"];
let bot: AtelierProcess;
let ada: Member;

/** The real program; without the role `worker` it takes orders, and draws nothing. */
const start = async (roles: string) => {
  bot = await startAtelier({ ...stage.environment(), ROLES: roles });
};
const restart = async (roles: string) => {
  await bot.stop();
  await start(roles);
};
const said = ({ blocks }: SlackMessage) => JSON.stringify(blocks);
const shownWith = (words: string) =>
  fake.slack.until(() => fake.slack.messagesIn("DU1").find((seen) => said(seen).includes(words)));
const statusIs = (thread: string, status: string) =>
  fake.slack.until(() => fake.slack.sessions.get(`DU1:${thread}`)?.status === status);

beforeEach(async () => {
  stage = await openSlackStage();
  ({ fake, service } = stage);
  fake.slack.pace.counting = true;
  ada = member(fake.slack, fake.line, fake.origin);
  await start("gateway,web");
});
afterEach(async () => {
  expect(await bot.stop()).toBe(0);
  await stage.close();
});

test("a session is at rest again when another process has drawn what was asked for there", async () => {
  await ada.direct("a red bicycle");
  const { thread = "" } = await shownWith("Cancel");
  await statusIs(thread, "processing");
  await restart("gateway,web,worker");
  await statusIs(thread, "active");
  await shownWith("slack_file");
  await ada.direct("make it blue", { thread });
  await fake.slack.until(() => service.requests.length === 2);
  expect(service.requests[1]?.files ?? []).toHaveLength(1);
  await statusIs(thread, "active");
});

test("Stop after a restart takes back what waits, free of charge, and its message says so", async () => {
  await ada.direct("a red bicycle");
  const { thread = "" } = await shownWith("Cancel");
  await statusIs(thread, "processing");
  await restart("gateway,web");
  await ada.stop(thread);
  await shownWith("you pay nothing");
  await statusIs(thread, "active");
  await fake.slack.until(() => fake.slack.messagesIn("DU1").every((seen) => !said(seen).includes('Cancel"')));
  expect(service.requests).toEqual([]);
});

test("Stop takes back a batch as a whole", async () => {
  await ada.direct("a {red, blue} bicycle");
  const question = await shownWith("Yes, for at most");
  const { thread = "" } = question;
  await ada.press(question, /Yes, for at most [\d,]+ credits/.exec(said(question))?.[0] ?? "");
  await statusIs(thread, "processing");
  await ada.stop(thread);
  const answer = await shownWith("you pay nothing");
  expect(answer.thread).toBe(thread);
  await statusIs(thread, "active");
  expect(service.requests).toEqual([]);
});
