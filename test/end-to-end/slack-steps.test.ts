import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { type Member, member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";
import { httpLine, type SlackLine } from "../support/slack/socket.ts";
import type { Json } from "../support/slack/state.ts";
import { runStep } from "../support/slack/workflows.ts";

/** The real program as a process; Slack runs a workflow with its step. */
describe.each(["socket", "http"] as const)("a workflow step by %s", (mode) => {
  let fake: Awaited<ReturnType<typeof fakeSlack>>;
  let service: FakeTokenHub;
  let bot: AtelierProcess;
  let folder: string;
  let line: SlackLine;
  let boss: Member;
  let image: Buffer;

  const start = async (more: Record<string, string> = {}) => {
    bot = await startAtelier({
      DATA_DIR: folder,
      SLACK_BOT_TOKEN: fake.slack.botToken,
      SLACK_API_URL: fake.apiUrl,
      ...(mode === "socket"
        ? { SLACK_APP_TOKEN: fake.slack.appToken }
        : { SLACK_SIGNING_SECRET: fake.slack.signingSecret }),
      TOKENHUB_API_KEY: service.apiKey,
      TOKENHUB_BASE_URL: service.baseUrl,
      ...more,
    });
    line = mode === "socket" ? fake.line : httpLine(fake.slack, `${bot.url}/slack/events`);
    boss = member(fake.slack, line, fake.origin, { id: "UBOSS" });
  };
  const step = (inputs: Json, who: { starter?: string; forged?: unknown } = {}) =>
    runStep(line, { ...fake, team: fake.slack.team }, { inputs, ...who });
  const ended = (id: string) => fake.slack.workflows.ended(id);
  const jobs = () => bot.lines.filter(({ msg }) => msg === "job accepted");
  const admin = async (words: string) => {
    const before = fake.slack.whispers.length;
    await boss.slash("/imagine-admin", words);
    return fake.slack.until(() => fake.slack.whispers[before]);
  };

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "atelier-step-"));
    image = await sharp({ create: { width: 1024, height: 1024, channels: 3, background: "#c33" } })
      .png()
      .toBuffer();
    fake = await fakeSlack();
    fake.slack.members.set("UBOSS", { locale: "en-US", admin: true, displayName: "boss" });
    service = await startFakeTokenHub({ image });
    await start();
  });
  afterEach(async () => {
    expect(await bot.stop()).toBe(0);
    expect([...fake.slack.violations, ...service.violations]).toEqual([]);
    await service.close();
    await fake.close();
    rmSync(folder, { recursive: true });
  });

  test("posts the image in the channel, and gives its file, link, price and job to the next steps", async () => {
    const { slack } = fake;
    const { execution } = await step(
      { prompt: "a red <@U2>", channel: "C1", size: "1024x1024", quality: "low" },
      { starter: "U1" },
    );
    const { outputs, state } = await ended(execution.id);
    expect(state).toBe("succeeded");
    const [message] = slack.messagesIn("C1");
    expect(outputs).toEqual({
      file: expect.stringMatching(/^F/),
      permalink: `https://acme.slack.com/archives/C1/p${message?.ts.replace(".", "")}`,
      price: expect.any(Number),
      job: jobs()[0]?.job,
    });
    expect(slack.files.get(String(outputs?.file))?.bytes?.equals(image)).toBe(true);
    expect(JSON.stringify(message?.blocks)).toContain(String(outputs?.file));
    expect(service.requests[0]?.fields).toMatchObject({ prompt: "a red @ada", size: "1024x1024", quality: "low" });
    expect(jobs()).toMatchObject([{ member: "slack:T1:U1" }]);
    expect(execution.ends).toBe(1);
  });

  test("sends the image to whoever started it where no channel is named", async () => {
    const { execution } = await step({ prompt: "a fox" }, { starter: "U1" });
    const { outputs } = await ended(execution.id);
    expect(outputs?.permalink).toContain("/archives/DU1/");
    expect(fake.slack.messagesIn("DU1")).toHaveLength(1);
  });

  test("is one job and one end, however often Slack sends it", async () => {
    const { execution, again } = await step({ prompt: "a fox", channel: "C1" }, { starter: "U1" });
    await Promise.all([again({ num: 1, reason: "http_timeout" }), again()]);
    await ended(execution.id);
    await again({ num: 3, reason: "http_timeout" });
    expect([jobs().length, service.requests.length, execution.ends]).toEqual([1, 1, 1]);
    expect(fake.slack.messagesIn("C1")).toHaveLength(1);
  });

  test("fails with the service's failure, and charges nobody", async () => {
    service.answerNext({ kind: "html", status: 502 });
    const { execution } = await step({ prompt: "a fox", channel: "C1" }, { starter: "U1" });
    expect(await ended(execution.id)).toMatchObject({
      state: "failed",
      ends: 1,
      error: expect.stringContaining("You were not charged."),
    });
  });

  test("fails before anything is spent when the channel is closed to the app", async () => {
    fake.slack.channels.set("G1", false);
    const { execution } = await step({ prompt: "a fox", channel: "G1" }, { starter: "U1" });
    expect((await ended(execution.id)).error).toContain("<#G1>");
    expect([jobs(), fake.slack.messages, service.requests]).toEqual([[], [], []]);
  });

  test("joins a public channel to post there", async () => {
    const { execution } = await step({ prompt: "a fox", channel: "C2" }, { starter: "U1" });
    expect((await ended(execution.id)).state).toBe("succeeded");
    expect(fake.slack.messagesIn("C2")).toHaveLength(1);
  });

  test("lets nobody pay but who started it: neither somebody whom a program names, nor anybody without a budget", async () => {
    for (const forged of ["U1", { id: "U1" }, { id: "U1", secret: "" }, [{ id: "U1", secret: "x" }], null]) {
      const { execution } = await step({ prompt: "a fox", channel: "C1" }, { forged });
      expect((await ended(execution.id)).error).toContain("/imagine-admin workflows");
    }
    expect([jobs(), fake.slack.messages]).toEqual([[], []]);
  });

  test("is paid for by the budget that an admin set where nobody started it, until that is spent", async () => {
    await admin("workflows 500");
    const first = await step({ prompt: "a fox", channel: "C1", size: "1024x1024", quality: "low" });
    const { outputs } = await ended(first.execution.id);
    const price = Number(outputs?.price);
    expect(jobs()).toMatchObject([{ member: "slack:T1/steps" }]);
    await admin(`workflows ${price}`);
    const second = await step({ prompt: "a fox", channel: "C1", size: "1024x1024", quality: "low" });
    expect((await ended(second.execution.id)).error).toContain("0 are left");
    const third = await step({ prompt: "a fox" });
    expect((await ended(third.execution.id)).error).toContain("name a channel");
    await admin("workflows --off");
    const fourth = await step({ prompt: "a fox", channel: "C1" });
    expect((await ended(fourth.execution.id)).error).toContain("nobody pays");
    expect(jobs()).toHaveLength(1);
  });
});
