import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type Member, member } from "../support/slack/member.ts";
import { httpLine, type SlackLine } from "../support/slack/socket.ts";
import type { Json } from "../support/slack/state.ts";
import { runStep } from "../support/slack/workflows.ts";
import { openSlackStage, type SlackStage } from "./slack-stage.ts";

/** The real program as a process; Slack runs a workflow with its step. */
describe.each(["socket", "http"] as const)("a workflow step by %s", (mode) => {
  let stage: SlackStage;
  let fake: SlackStage["fake"];
  let service: SlackStage["service"];
  let bot: AtelierProcess;
  let line: SlackLine;
  let boss: Member;
  let image: Buffer;

  const start = async (more: Record<string, string> = {}) => {
    bot = await startAtelier({ ...stage.environment(mode), ...more });
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
    stage = await openSlackStage();
    ({ fake, service, image } = stage);
    fake.slack.members.set("UBOSS", { locale: "en-US", admin: true, displayName: "boss" });
    await start();
  });
  afterEach(async () => {
    expect(await bot.stop()).toBe(0);
    await stage.close();
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

  test("starts from files and from what an earlier step made; what is not to be used is refused by its name", async () => {
    const { slack } = fake;
    slack.uploads.set("F0PHOTO01", image);
    slack.fileFacts.set("F0PHOTO01", { user: "U1", ims: ["DU1"] });
    slack.uploads.set("F0SECRET1", image);
    slack.fileFacts.set("F0SECRET1", { user: "U2", ims: ["DU2"] });
    const from = async (references: string) => {
      const { execution } = await step({ prompt: "make it blue", channel: "C1", references }, { starter: "U1" });
      return ended(execution.id);
    };
    const { outputs } = await from("https://acme.slack.com/files/U1/F0PHOTO01/photo.png");
    expect((await from(`${outputs?.file}, <${outputs?.permalink}|the first>`)).state).toBe("succeeded");
    expect(service.requests.map(({ files }) => files?.length)).toEqual([1, 2]);
    for (const closed of [
      "F0SECRET1",
      "F0ABSENT1",
      "nonsense",
      "@fox",
      "https://acme.slack.com/archives/C9/p1700000000000100",
    ]) {
      const { state, error } = await from(`F0PHOTO01 ${closed}`);
      expect([state, error]).toEqual(["failed", expect.stringContaining(closed.replace("@", ""))]);
    }
    expect(service.requests).toHaveLength(2);
  });

  test("lets a step that nobody started use no file that only some can see", async () => {
    fake.slack.uploads.set("F0SECRET1", image);
    fake.slack.fileFacts.set("F0SECRET1", { user: "U2", groups: ["G1"] });
    fake.slack.uploads.set("F0PUBLIC1", image);
    fake.slack.fileFacts.set("F0PUBLIC1", { user: "U2", is_public: true, channels: ["C7"] });
    await admin("workflows 1000");
    const closed = await step({ prompt: "make it blue", channel: "C1", references: "F0SECRET1" });
    expect((await ended(closed.execution.id)).error).toContain("F0SECRET1");
    const open = await step({ prompt: "make it blue", channel: "C1", references: "F0PUBLIC1" });
    expect((await ended(open.execution.id)).state).toBe("succeeded");
  });

  test("says in the language of whoever started it why there is no image, and names the styles that there are", async () => {
    await boss.slash("/imagine-style", "save watercolour --before soft colours --shared");
    await fake.slack.until(() => fake.slack.whispers[0]);
    const wrong = { prompt: "a fox", channel: "C1", style: "watercolor" };
    const english = await step(wrong, { starter: "U1" });
    expect((await ended(english.execution.id)).error).toBe("There is no style “watercolor”. Possible: watercolour.");
    fake.slack.members.set("U3", { locale: "zh-CN", admin: false, displayName: "李" });
    const chinese = await step(wrong, { starter: "U3" });
    expect((await ended(chinese.execution.id)).error).toMatch(/\p{Script=Han}.*watercolour/u);
    const styled = await step({ ...wrong, style: "Watercolour" }, { starter: "U1" });
    expect((await ended(styled.execution.id)).state).toBe("succeeded");
  });

  test("spends no more of whoever started it than they spend without being asked, and nothing of who is blocked", async () => {
    const ada = member(fake.slack, line, fake.origin);
    await ada.slash("/imagine-settings", "--confirm 1");
    await fake.slack.until(() => fake.slack.whispers[0]);
    const dear = await step({ prompt: "a fox", channel: "C1" }, { starter: "U1" });
    expect((await ended(dear.execution.id)).error).toContain("at most 1 without being asked");
    const other = await step({ prompt: "a fox", channel: "C1" }, { starter: "U2" });
    await ended(other.execution.id);
    await admin("block <@U2|somebody>");
    const blocked = await step({ prompt: "a fox", channel: "C1" }, { starter: "U2" });
    expect((await ended(blocked.execution.id)).state).toBe("failed");
    expect(jobs()).toHaveLength(1);
  });

  test("sends the image to whoever started it, or fails, when its channel closes while it is drawn", async () => {
    const { slack } = fake;
    await admin("workflows 1000");
    for (const starter of ["U1", undefined]) {
      slack.channels.set("G1", true);
      const before = service.requests.length;
      service.answerNext({ kind: "hang" });
      const { execution } = await step({ prompt: "a fox", channel: "G1" }, starter ? { starter } : {});
      await service.arrived(before + 1);
      slack.channels.set("G1", false);
      service.release();
      const { outputs, error } = await ended(execution.id);
      if (starter) expect(outputs?.permalink).toContain("/archives/DU1/");
      else expect(error).toBe("The image is there, but could not be posted.");
    }
  });

  test("is paid for by the budget that an admin set where nobody started it, until that is spent", async () => {
    await admin("workflows 500");
    const first = await step({ prompt: "a fox", channel: "C1", size: "1024x1024", quality: "low" });
    const { outputs } = await ended(first.execution.id);
    const price = Number(outputs?.price);
    expect(jobs()).toMatchObject([{ member: "slack:T1/workflows" }]);
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
