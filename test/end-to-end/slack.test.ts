import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type Member, member } from "../support/slack/member.ts";
import { httpLine, type SlackLine } from "../support/slack/socket.ts";
import { openSlackStage, type SlackStage } from "./slack-stage.ts";

/** The real program as a process, between a Slack and a TokenHub that speak the real protocols. */
describe.each(["socket", "http"] as const)("Slack by %s", (mode) => {
  let stage: SlackStage;
  let fake: SlackStage["fake"];
  let service: SlackStage["service"];
  let bot: AtelierProcess;
  let folder: string;
  let line: SlackLine;
  let ada: Member;
  let image: Buffer;

  const start = async (more: Record<string, string> = {}) => {
    bot = await startAtelier({ ...stage.environment(mode), ...more });
    line = mode === "socket" ? fake.line : httpLine(fake.slack, `${bot.url}/slack/events`);
    ada = member(fake.slack, line, fake.origin);
  };
  const imagesIn = (channel: string) =>
    fake.slack
      .messagesIn(channel)
      .flatMap(({ blocks }) => blocks)
      .flatMap(({ slack_file }) => (slack_file as { id: string } | undefined)?.id ?? []);
  const everythingSaid = () => JSON.stringify([fake.slack.messages, fake.slack.whispers]);

  beforeEach(async () => {
    stage = await openSlackStage({ width: 2048, height: 1152 });
    ({ fake, service, image, folder } = stage);
    fake.slack.pace.counting = true;
    await start();
  });
  afterEach(async () => {
    expect(await bot.stop()).toBe(0);
    await stage.close();
  });

  test("shows nothing in the channel of what is refused, also not for a moment", async () => {
    await ada.slash("/imagine", "a red bicycle --size 5x5");
    await fake.slack.until(() => fake.slack.whispers[0]);
    await ada.slash("/imagine", "a red bicycle --count 99");
    await fake.slack.until(() => fake.slack.whispers[1]);
    expect(fake.slack.messages).toEqual([]);
    expect(service.requests).toEqual([]);
  });

  test("turns a slash command into the images that the service returned, in one message, for the quoted price", async () => {
    const { slack } = fake;
    const repeat = await ada.slash("/imagine", "a red bicycle --size 2048x1152 --quality high --count 2");
    const files = await slack.until(() => (imagesIn("C1").length === 2 ? imagesIn("C1") : undefined));
    await repeat();
    expect(service.requests).toHaveLength(1);
    expect(service.requests[0]?.fields).toMatchObject({
      prompt: "a red bicycle",
      n: 2,
      size: "2048x1152",
      quality: "high",
    });
    expect(files.map((id) => slack.files.get(id)?.bytes?.equals(image))).toEqual([true, true]);
    expect(slack.messagesIn("C1")).toHaveLength(1);
    await ada.slash("/imagine-credits", "");
    await slack.until(() =>
      slack.whispers.find(({ blocks }) => JSON.stringify(blocks).includes("500 credits available")),
    );
  });

  test("says why there is no image, and charges nothing", async () => {
    service.answerNext({ kind: "html", status: 502 });
    await ada.slash("/imagine", "a red bicycle");
    await fake.slack.until(() => everythingSaid().includes("cannot tell whether it ran") || undefined);
    expect(everythingSaid()).toContain("not charged");
    expect(service.requests).toHaveLength(1);
  });

  test("edits a result when it is mentioned below it, over the bytes that it posted", async () => {
    const { slack } = fake;
    await ada.direct("a red bicycle");
    await slack.until(() => imagesIn("DU1").length === 1);
    const [result] = slack.messagesIn("DU1");
    await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
    await ada.direct("make it blue", { thread: result?.thread });
    await slack.until(() => imagesIn("DU1").length === 2);
    expect(service.requests[1]?.fields).toMatchObject({ prompt: "make it blue" });
    expect(service.requests[1]?.files ?? []).toHaveLength(1);
    expect(slack.messagesIn("DU1")[1]?.thread).toBe(result?.thread);
    await slack.until(() => slack.sessions.get(`DU1:${result?.thread}`)?.status === "active");
  });

  test("edits a member's file, which it reads with its own token", async () => {
    fake.slack.uploads.set("photo.png", image);
    await ada.mention("make it blue", { channel: "C1", files: ["photo.png"] });
    await fake.slack.until(() => imagesIn("C1").length === 1);
    expect(service.requests[0]?.files ?? []).toHaveLength(1);
  });

  test("says that it may not read a file when Slack gives its sign-in page instead", async () => {
    fake.slack.uploads.set("photo.png", image);
    fake.slack.scopes.delete("files:read");
    await ada.mention("make it blue", { channel: "C1", files: ["photo.png"] });
    await fake.slack.until(() => everythingSaid().includes("lacks the scope files:read") || undefined);
    expect(service.requests).toEqual([]);
  });

  test("acknowledges a hundred commands at once while four jobs run", async () => {
    const { slack } = fake;
    const people = Array.from({ length: 25 }, (_, i) => member(slack, line, fake.origin, { id: `U${i + 10}` }));
    const channels = Array.from({ length: 25 }, (_, i) => `C${i + 10}`);
    for (const channel of channels) slack.channels.set(channel, true);
    service.answerNext(...Array.from({ length: 4 }, () => ({ kind: "hang" }) as const));
    for (const person of people.slice(0, 4)) await person.slash("/imagine", "a long one", "C1");
    await service.arrived(4);
    const asked = people.flatMap((person, at) => [1, 2, 3, 4].map((n) => ({ person, n, channel: channels[at] })));
    await Promise.all(asked.map(({ person, n, channel }) => person.slash("/imagine", `number ${n}`, channel)));
    const accepted = () => bot.lines.filter(({ msg }) => msg === "job accepted").length;
    while (accepted() < 104) await new Promise(setImmediate);
    service.release();
  });

  test("is installed by members of many workspaces, whose tokens are nowhere in the open", async () => {
    await bot.stop();
    await start({
      SLACK_BOT_TOKEN: "",
      SLACK_CLIENT_ID: "1.2",
      SLACK_CLIENT_SECRET: "client-secret-of-the-app",
      SLACK_STATE_SECRET: "a-secret-of-the-operator",
      PUBLIC_URL: bot.url,
    });
    const begun = await fetch(`${bot.url}/slack/install`, { redirect: "manual" });
    const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const cookie = (begun.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const back = `${bot.url}/slack/oauth_redirect?code=code-of-T2&state=${encodeURIComponent(state)}`;
    expect((await fetch(back, { headers: { cookie } })).status).toBe(200);
    await member(fake.slack, line, fake.origin, { team: "T2" }).slash("/imagine", "a red bicycle");
    await fake.slack.until(() => imagesIn("C1").length === 1);
    const [token = ""] = [...fake.slack.tokens].find(([, team]) => team === "T2") ?? [];
    const files = readdirSync(folder).filter((name) => name.includes("sqlite") || name.includes("db"));
    const stored = files.map((name) => readFileSync(path.join(folder, name), "latin1")).join();
    expect(stored).toContain("slack:T2");
    expect(token.length).toBeGreaterThan(8);
    expect(stored + JSON.stringify(bot.lines)).not.toContain(token);
  });
});
