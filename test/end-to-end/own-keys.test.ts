import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, runAtelier, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import type { FakeInteraction, FakeMessage, FakeUser } from "../support/discord/state.ts";
import { type FakeApimodels, startFakeApimodels } from "../support/services/apimodels.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";

/** The real program on Discord and on Slack, in places whose admins bring keys of their own. */
let folder: string;
let tokenhub: FakeTokenHub;
let apimodels: FakeApimodels;
let discord: FakeDiscord;
let slack: Awaited<ReturnType<typeof fakeSlack>>;
let bot: AtelierProcess;
let lines: AtelierProcess["lines"][number][];

const keys = {
  server: "th-key-of-the-server-8271",
  workspace: "th-key-of-the-workspace-5530",
  tasks: "am-key-of-the-server-9917",
  wrong: "th-key-that-nobody-has-1204",
};

const environment = () => ({
  ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "100000", LOG_LEVEL: "trace" },
  ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
  ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
  ...{ TOKENHUB_API_KEY: tokenhub.apiKey, TOKENHUB_BASE_URL: tokenhub.baseUrl },
  ...{ PROVIDERS: "tokenhub,apimodels", APIMODELS_BASE_URL: apimodels.baseUrl, TRUSTED_ORIGINS: apimodels.fileOrigin },
  KEYS_SECRET: "a secret of the environment".padEnd(40, "-").replaceAll(" ", "-"),
});

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  tokenhub = await startFakeTokenHub({ alsoAccepts: [keys.server, keys.workspace] });
  apimodels = await startFakeApimodels({ alsoAccepts: [keys.tasks] });
  discord = await startFakeDiscord();
  slack = await fakeSlack();
  bot = await startAtelier(environment());
  lines = [];
});
afterEach(async () => {
  await bot.stop();
  expectNoKeys();
  const { code, stdout } = await runAtelier(["--audit"], environment());
  const violations = [discord, slack.slack, tokenhub, apimodels].flatMap((side) => side.violations);
  await slack.close();
  await discord.stop();
  await Promise.all([tokenhub.close(), apimodels.close()]);
  rmSync(folder, { recursive: true });
  expect(violations).toEqual([]);
  expect({ code, stdout }).toMatchObject({ code: 0 });
});

/** No key stands in any file, in the log, or in what was posted or told. */
function expectNoKeys(): void {
  const files = readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((name) => statSync(name).isFile());
  expect(files.length).toBeGreaterThan(1);
  const interactions = [...discord.state.interactions.values()].map(({ reply, followUps }) => [reply, followUps]);
  const said = [
    ...files.map((name) => readFileSync(name).toString("latin1")),
    JSON.stringify([...lines, ...bot.lines]),
    JSON.stringify(discord.state.messages.map(({ content, components }) => [content, components])),
    JSON.stringify(interactions.flat(2).map((message) => [message?.content, message?.components])),
    JSON.stringify([slack.slack.messages, slack.slack.whispers]),
  ].join("\n");
  for (const key of [...Object.values(keys), tokenhub.apiKey]) expect(said.includes(key), key).toBe(false);
}

async function restart(): Promise<void> {
  lines.push(...bot.lines);
  await bot.kill();
  bot = await startAtelier(environment());
}

const shows = (asked: FakeInteraction, words: string) =>
  discord.until(() => [asked.reply, ...asked.followUps].some((each) => each?.content.includes(words)), words);

/** The form of the button of `/admin keys`. */
async function form(user: FakeUser, label = "Give a key"): Promise<FakeInteraction> {
  const listed = discord.command(user, "admin keys", {}, { admin: true });
  await shows(listed, "Keys of your own");
  const pressed = discord.press(user, listed.reply as FakeMessage, label, { admin: true });
  await discord.until(() => pressed.modal, "the form");
  return pressed;
}

const callers = () => tokenhub.requests.map(({ authorization }) => authorization?.replace("Bearer ", ""));
const drawn = (channel: { readonly id: string } = discord.general) =>
  discord.state.messages.filter((each) => each.channel.id === channel.id && each.attachments.length > 0).length;

test("each place draws by its own key, and who has none by the operator's", async () => {
  const [boss, ann] = [discord.user("Boss"), discord.user("Ann")];
  const { slack: workspace, line, origin } = slack;
  const [ada, chief] = [member(workspace, line, origin), member(workspace, line, origin, { id: "U3", name: "chief" })];
  workspace.members.set("U3", { locale: "en-US", admin: true, displayName: "chief" });

  const listed = discord.command(ann, "admin keys");
  await shows(listed, "Only admins may do that");
  const opened = await form(boss);
  const sent = discord.submitModal(boss, opened, { service: "tokenhub", key: keys.server }, { admin: true });
  await shows(sent, "The key for TokenHub is in use");

  await chief.slash("/imagine-admin", "keys");
  await workspace.until(() => workspace.whispers[0]);
  await chief.press(workspace.whispers[0] as never, "Give a key");
  const view = await workspace.until(() => workspace.views.at(-1));
  await chief.submit(view, { service: "tokenhub", key: keys.workspace });
  await workspace.until(() => JSON.stringify(workspace.whispers).includes("TokenHub is in use"));

  discord.command(ann, "imagine", { prompt: "a red bicycle" });
  await discord.until(() => drawn() === 1, "the image in the server");
  await ada.slash("/imagine", "a blue bicycle");
  await workspace.until(() => JSON.stringify(workspace.messagesIn("C1")).includes("slack_file"));
  const direct = discord.direct(ann);
  discord.command(ann, "imagine", { prompt: "a green bicycle" }, { channel: direct });
  await discord.until(() => drawn(direct) === 1, "the image to the member alone");
  expect(callers()).toEqual([keys.server, keys.workspace, tokenhub.apiKey]);

  await restart();
  discord.command(ann, "imagine", { prompt: "a red tricycle" });
  await discord.until(() => drawn() === 2, "one more in the server");
  const removing = await form(boss, "Remove a key");
  const removed = discord.submitModal(boss, removing, { service: "tokenhub" }, { admin: true });
  await shows(removed, "none: the operator's is used");
  discord.command(ann, "imagine", { prompt: "a red unicycle" });
  await discord.until(() => drawn() === 3, "by the operator's key");
  expect(callers().slice(3)).toEqual([keys.server, tokenhub.apiKey]);
});

test("a wrong key is refused and not kept, and nobody but an admin can give one", async () => {
  const [boss, eve] = [discord.user("Boss"), discord.user("Eve")];
  const opened = await form(boss);
  const give = (user: FakeUser, key: string, admin: boolean) =>
    discord.submitModal(user, opened, { service: "tokenhub", key }, { admin });
  await shows(give(boss, keys.wrong, true), "does not accept this key");
  await shows(give(boss, "two words", true), "contains spaces");
  await shows(give(eve, keys.server, false), "Only admins may do that");
  const listed = discord.command(boss, "admin keys", {}, { admin: true });
  await shows(listed, "none: the operator's is used");
  expect(listed.reply?.content).toContain("none: the service cannot be used here");
  const twice = [give(boss, keys.server, true), give(boss, keys.server, true)];
  for (const each of twice) await shows(each, "TokenHub is in use");
  expect(tokenhub.requests).toEqual([]);
});

test("the same form of Slack that comes twice gives one key, and is answered once", async () => {
  const { slack: workspace, line, origin } = slack;
  const chief = member(workspace, line, origin, { id: "U3", name: "chief" });
  workspace.members.set("U3", { locale: "en-US", admin: true, displayName: "chief" });
  await chief.slash("/imagine-admin", "keys");
  await workspace.until(() => workspace.whispers[0]);
  await chief.press(workspace.whispers[0] as never, "Give a key");
  const view = await workspace.until(() => workspace.views.at(-1));
  const give = () => chief.submit(view, { service: "tokenhub", key: keys.workspace });
  await Promise.all([give(), give()]);
  const answers = () => workspace.whispers.filter((each) => JSON.stringify(each).includes("TokenHub is in use")).length;
  await workspace.until(() => answers() > 0);
  await chief.slash("/imagine", "a blue bicycle");
  await workspace.until(() => JSON.stringify(workspace.messagesIn("C1")).includes("slack_file"));
  expect(callers()).toEqual([keys.workspace]);
  expect(answers()).toBe(1);
  expect(bot.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

test("a task that was begun by the key of a place is followed by that key after kill -9, though it was removed", async () => {
  const [boss, ann] = [discord.user("Boss"), discord.user("Ann")];
  const draw = () => discord.command(ann, "imagine", { prompt: "a red bicycle", provider: "apimodels" });
  await shows(draw(), "needs a key of its own here");
  const sent = discord.submitModal(boss, await form(boss), { service: "apimodels", key: keys.tasks }, { admin: true });
  await shows(sent, "in use");
  apimodels.answerNext({ kind: "task", task: { running: 2 } });
  draw();
  await apimodels.polled(1);
  const removed = discord.submitModal(
    boss,
    await form(boss, "Remove a key"),
    { service: "apimodels" },
    { admin: true },
  );
  await shows(removed, "none: the service cannot be used here");
  await restart();
  await discord.until(() => drawn() === 1, "the image");
  expect(apimodels.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${keys.tasks}`]);
  await shows(draw(), "needs a key of its own here");
});
