import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, runAtelier, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";

/** The real program asks approvers, is started anew in between, and is answered then. */
let folder: string;
let service: FakeTokenHub;
let discord: FakeDiscord;
let slack: Awaited<ReturnType<typeof fakeSlack>>;
let bot: AtelierProcess;

const environment = () => ({
  ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "1000" },
  ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
  ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
  ...{ TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl },
});

async function restart(): Promise<void> {
  await bot.kill();
  bot = await startAtelier(environment());
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  service = await startFakeTokenHub();
  discord = await startFakeDiscord();
  slack = await fakeSlack();
  bot = await startAtelier(environment());
});
afterEach(async () => {
  const violations = [...discord.violations, ...slack.slack.violations, ...service.violations];
  await bot.stop();
  const { code, stdout } = await runAtelier(["--audit"], environment());
  await slack.close();
  await discord.stop();
  await service.close();
  rmSync(folder, { recursive: true });
  expect(violations).toEqual([]);
  expect({ code, stdout }).toMatchObject({ code: 0 });
});

const wish = { prompt: "a red bicycle", size: "2048x1152", count: 2 };

/** A server where orders above 400 credits are asked about in a channel, by whoever has a role. */
async function guarded() {
  const [boss, ann, ben] = [discord.user("Boss"), discord.user("Ann"), discord.user("Ben")];
  const role = discord.state.snowflake();
  const office = discord.channel(discord.general.guild);
  const values = { above: 400, channel: { picked: office.id }, role: { picked: role } };
  const set = discord.command(boss, "admin approval", values, { admin: true });
  await discord.until(() => set.reply?.content.includes("Orders above 400 credits need approval"), "the rule");
  expect(discord.messages(office)[0]?.content).toContain("Orders that need approval will be asked about here");
  const question = () => discord.until(() => discord.messages(office)[1], "the question");
  return { boss, ann, ben, office, question, approver: { channel: office, roles: [role] } };
}

test("on Discord: two approvers at once make one job, also after a restart, and the question tells who it was", async () => {
  const { ann, ben, boss, question, approver } = await guarded();
  const asked = discord.command(ann, "imagine", wish);
  await discord.until(() => asked.reply?.content.includes("Waiting for approval"), "the wait");
  const posted = await question();
  expect(posted.content).toContain("a red bicycle");
  const job = /approve:([0-9a-z]+)/.exec(JSON.stringify(posted.components))?.[1];
  await restart();
  const forbidden = discord.press(discord.user("Eve"), posted, "Approve");
  await discord.until(() => forbidden.reply?.content.includes("may decide this"), "no right");
  const own = discord.press(ann, posted, "Approve", approver);
  await discord.until(() => own.reply?.content.includes("Somebody else must approve"), "not the own one");
  const forged = discord.forge(discord.user("Mallory"), posted, "approve:0", approver);
  await discord.until(() => forged.reply?.content.includes("no such question"), "nothing by that id");
  const answers = [discord.press(ben, posted, "Approve", approver), discord.press(boss, posted, "Approve", approver)];
  const said = () => answers.map(({ reply }) => reply?.content ?? "").toSorted();
  await discord.until(() => said().every((words) => words !== "") && said().join().includes("already"), "two answers");
  expect(said().filter((words) => words.includes("You approved it"))).toHaveLength(1);
  const images = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);
  await discord.until(() => images().length === 1, "the images");
  await discord.until(() => posted.content.includes("Approved by"), "the question with its answer");
  expect(posted.content).not.toContain("a red bicycle");
  await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
  expect(service.requests).toHaveLength(1);
  const late = discord.forge(ben, posted, `refuse:${job}`, approver);
  await discord.until(() => late.reply?.content.includes("It was approved by"), "too late");
});

test("on Discord: refused, the member reads who it was and has all credits again; a closed channel is refused at once", async () => {
  const { ann, ben, boss, question, approver } = await guarded();
  const asked = discord.command(ann, "imagine", wish);
  discord.press(ben, await question(), "Refuse", approver);
  await discord.until(() => asked.reply?.content.includes("Ben did not approve this"), "the news");
  const credits = discord.command(ann, "credits");
  await discord.until(() => credits.reply?.content.includes("1,000 credits available"), "all credits");
  const closed = discord.channel(discord.general.guild);
  discord.allow(closed, { send: false });
  const set = discord.command(boss, "admin approval", { channel: { picked: closed.id } }, { admin: true });
  await discord.until(() => set.reply?.content.includes("the bot lacks the permission Send Messages"), "no");
  expect(service.requests).toEqual([]);
});

test("on Slack: two approvers at once make one job, and the question tells who it was", async () => {
  const { slack: workspace, line, origin } = slack;
  const [ada, ben, boss] = [
    member(workspace, line, origin),
    member(workspace, line, origin, { id: "U2", name: "ben" }),
    member(workspace, line, origin, { id: "U3", name: "boss" }),
  ];
  workspace.members.set("U3", { locale: "en-US", admin: true, displayName: "boss" });
  workspace.members.set("U2", { locale: "en-US", admin: false, displayName: "ben" });
  workspace.groups.set("S1", ["U2"]);
  await boss.slash("/imagine-admin", "approval --above 400 --channel <#C2|office> --role <!subteam^S1|@desk>");
  const inOffice = () => workspace.messagesIn("C2").map(({ blocks }) => JSON.stringify(blocks));
  await workspace.until(() => inOffice()[0]?.includes("asked about here"));
  await ada.slash("/imagine", "a red bicycle --size 2048x1152 --count 2");
  await workspace.until(() => JSON.stringify(workspace.messagesIn("C1")).includes("Waiting for approval"));
  const question = await workspace.until(() => workspace.messagesIn("C2")[1]);
  await restart();
  await ada.press(question, "Approve");
  await workspace.until(() => JSON.stringify(workspace.whispers).includes("may decide this"));
  await Promise.all([ben.press(question, "Approve"), boss.press(question, "Approve")]);
  await workspace.until(() => JSON.stringify(workspace.messagesIn("C1")).includes("slack_file"));
  await workspace.until(() => inOffice().some((shown) => shown.includes("Approved by")));
  await workspace.until(() => JSON.stringify(workspace.whispers).includes("already"));
  expect(service.requests).toHaveLength(1);
});
