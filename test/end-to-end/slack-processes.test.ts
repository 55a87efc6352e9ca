import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { createDatabase } from "../support/postgres.ts";
import { type Member, member } from "../support/slack/member.ts";
import { httpLine, inTurn } from "../support/slack/socket.ts";
import { openSlackStage, type SlackStage } from "./slack-stage.ts";

/** Two processes on one PostgreSQL, both of which Slack tells what happens. */
describe.each(["socket", "http"] as const)("Slack by %s to two processes", (mode) => {
  let stage: SlackStage;
  let fake: SlackStage["fake"];
  let service: SlackStage["service"];
  let bots: AtelierProcess[];
  let ada: Member;

  beforeEach(async () => {
    stage = await openSlackStage();
    ({ fake, service } = stage);
    const environment = {
      ...stage.environment(mode),
      DATABASE_URL: await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`),
    };
    bots = [await startAtelier(environment), await startAtelier(environment)];
    const lines = bots.map(({ url }) => httpLine(fake.slack, `${url}/slack/events`));
    ada = member(fake.slack, mode === "socket" ? fake.line : inTurn(lines), fake.origin);
  });
  afterEach(async () => {
    await Promise.all(bots.map((bot) => bot.kill()));
    await stage.close();
  });

  const results = (channel: string) =>
    fake.slack.messagesIn(channel).filter(({ blocks }) => blocks.some(({ type }) => type === "image"));

  test("makes one job and one result of an event that comes three times, with and without a word on the retry", async () => {
    const { slack } = fake;
    service.answerNext({ kind: "hang" });
    const resend = await ada.mention("a red bicycle", { channel: "C1" });
    await Promise.all([resend({ num: 1, reason: "http_timeout" }), resend()]);
    await service.arrived(1);
    service.release();
    // a repetition that reached the other process in time has posted a waiting message there, and takes it away again
    await slack.until(() => results("C1").length === 1 && slack.messagesIn("C1").length === 1);
    expect(service.requests).toHaveLength(1);
    expect(bots.flatMap(({ lines }) => lines).filter(({ msg }) => msg === "job accepted")).toHaveLength(1);
  }, 180_000);
});
