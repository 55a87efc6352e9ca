import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";

let folder: string;
let slack: Awaited<ReturnType<typeof fakeSlack>>;
let bot: AtelierProcess;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  slack = await fakeSlack();
  bot = await startAtelier({
    ...{ DATA_DIR: folder, SANDBOX_DELAY_MS: "0" },
    ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
  });
});
afterEach(async () => {
  const { violations } = slack.slack;
  await bot.kill();
  await slack.close();
  rmSync(folder, { recursive: true });
  expect(violations).toEqual([]);
});

test("on Slack: the owner's words stand in the message that is there, and nobody else may write them", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  await ada.mention("a red fox", { channel: "C1" });
  const posted = () =>
    workspace.messagesIn("C1").filter(({ blocks }) => JSON.stringify(blocks ?? []).includes('"slack_file"'));
  const [message] = await workspace.until(() => posted().length === 1 && posted());
  if (!message) throw new Error("no result");
  const alts = () => [...JSON.stringify(message.blocks).matchAll(/"alt_text":"([^"]*)"/g)].map(([, alt]) => alt);
  expect(alts()).toEqual(["Generated image: a red fox"]);
  const { files } = workspace;
  const before = files.size;
  await workspace.until(() => bot.lines.some(({ msg }) => msg === "delivered"));
  await ada.press(message, "Describe");
  const form = await workspace.until(() => workspace.views.at(-1));
  await ada.submit(form, { altText: "A fox asleep in the snow" });
  await workspace.until(() => alts()[0] === "A fox asleep in the snow");
  expect([posted().length, files.size]).toEqual([1, before]);
  const eve = member(workspace, slack.line, slack.origin, { id: "U2", name: "eve" });
  await eve.press(message, "Describe");
  const other = await workspace.until(() => workspace.views.at(-1) !== form && workspace.views.at(-1));
  await eve.submit(other, { altText: "Mine" });
  const refused = () => workspace.whispers.some(({ blocks }) => JSON.stringify(blocks).includes("somebody else"));
  await workspace.until(refused);
  expect(alts()).toEqual(["A fox asleep in the snow"]);
});
