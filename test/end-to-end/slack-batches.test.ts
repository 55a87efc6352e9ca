import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { member } from "../support/slack/member.ts";
import { openSlackStage, type SlackStage } from "./slack-stage.ts";

let stage: SlackStage;
let service: SlackStage["service"];
let slack: SlackStage["fake"];
let bot: AtelierProcess;

async function start(): Promise<void> {
  bot = await startAtelier({ ...stage.environment(), USER_DAILY_CREDITS: "1000" });
}

beforeEach(async () => {
  stage = await openSlackStage();
  ({ service, fake: slack } = stage);
  await start();
});
afterEach(async () => {
  await bot.kill();
  await stage.close();
});

test("on Slack: a batch is answered after a restart, fills one message once, and goes on after a restart in its middle", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  await ada.mention("{red, blue} bicycle in {rain, snow}", { channel: "C1" });
  const question = await workspace.until(() =>
    workspace.whispers.find(({ blocks }) => JSON.stringify(blocks).includes("500 credits in all")),
  );
  expect(JSON.stringify(question.blocks)).toContain("blue bicycle in snow");
  await bot.kill();
  await start();
  service.answerNext({ kind: "data-uri" }, { kind: "data-uri" }, { kind: "hang" });
  await ada.press(question, "Yes, for at most 500 credits");
  await ada.press(question, "Yes, for at most 500 credits");
  const shown = () =>
    JSON.stringify(
      workspace
        .messagesIn("C1")
        .filter(({ deleted }) => !deleted)
        .map(({ blocks }) => blocks),
    );
  const images = () => shown().match(/slack_file/g)?.length ?? 0;
  await workspace.until(() => images() === 2);
  await service.arrived(3);
  await bot.kill(); // the third is on its way: nobody knows what becomes of it, and it is not sent again
  await start();
  await workspace.until(() => images() === 3 && !shown().includes("to come"));
  expect(service.requests).toHaveLength(4);
  expect(workspace.messages.filter(({ deleted }) => !deleted)).toHaveLength(1);
});
