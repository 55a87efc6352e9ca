import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { createDatabase } from "../support/postgres.ts";
import { httpLine, inTurn } from "../support/slack/socket.ts";
import { runStep } from "../support/slack/workflows.ts";
import { openSlackStage, type SlackStage } from "./slack-stage.ts";

/** Two processes on one PostgreSQL, both of which Slack sends steps of workflows to. */
describe.each(["socket", "http"] as const)("workflow steps by %s to two processes", (mode) => {
  let stage: SlackStage;
  let fake: SlackStage["fake"];
  let service: SlackStage["service"];
  let bots: AtelierProcess[];
  let environment: Record<string, string>;

  beforeEach(async () => {
    stage = await openSlackStage();
    ({ fake, service } = stage);
    environment = {
      ...stage.environment(mode),
      DATABASE_URL: await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`),
    };
  });
  afterEach(async () => {
    await Promise.all(bots.map((bot) => bot.kill()));
    await stage.close();
  });

  const said = (words: string) => bots.flatMap(({ lines }) => lines).filter(({ msg }) => msg === words);

  test("makes one job and one end of a step that comes three times", async () => {
    bots = [await startAtelier(environment), await startAtelier(environment)];
    const lines = bots.map(({ url }) => httpLine(fake.slack, `${url}/slack/events`));
    const line = mode === "socket" ? fake.line : inTurn(lines);
    const inputs = { prompt: "a red bicycle", channel: "C1" };
    const { execution, again } = await runStep(line, { ...fake, team: "T1" }, { inputs, starter: "U1" });
    await Promise.all([again({ num: 1, reason: "http_timeout" }), again()]);
    expect((await fake.slack.workflows.ended(execution.id)).state).toBe("succeeded");
    await again({ num: 3, reason: "http_timeout" });
    expect([said("job accepted").length, service.requests.length, execution.ends]).toEqual([1, 1, 1]);
    expect(fake.slack.messagesIn("C1")).toHaveLength(1);
  }, 180_000);

  test("is taken by one process and done by another", async () => {
    const gateway = await startAtelier({ ...environment, ROLES: "gateway" });
    bots = [gateway, await startAtelier({ ...environment, ROLES: "worker" })];
    const line = mode === "socket" ? fake.line : httpLine(fake.slack, `${gateway.url}/slack/events`);
    const inputs = { prompt: "a red bicycle" };
    const { execution } = await runStep(line, { ...fake, team: "T1" }, { inputs, starter: "U1" });
    expect((await fake.slack.workflows.ended(execution.id)).state).toBe("succeeded");
    expect(gateway.lines.filter(({ msg }) => msg === "job accepted")).toEqual([]);
    expect(fake.slack.messagesIn("DU1")).toHaveLength(1);
  }, 180_000);
});
