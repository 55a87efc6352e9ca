import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createSlack } from "../../../src/platforms/slack/slack.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memoryCache } from "../../support/world.ts";

let house: SlackHouse;

beforeEach(async () => {
  house = await slackHouse();
});
afterEach(() => house.close());

it("is ready while Socket Mode is connected", async () => {
  expect(house.platform.ready()).toBe(true);
  expect(house.connections()).toBe(1);
  await house.platform.stop();
  expect(house.platform.ready()).toBe(false);
  await house.slack.until(() => house.connections() === 0);
});

it("goes on over a new connection when Slack asks for one", async () => {
  house.refresh();
  await house.slack.until(() => house.slack.connections === 2 && house.connections() === 1);
  await house.member().slash("/imagine", "a red bicycle");
  await house.slack.until(() => house.usecases.starts[0]);
  expect(house.platform.ready()).toBe(true);
});

/** Every call of the method waits until it is let through. */
function hold(method: string): () => void {
  const held = Promise.withResolvers<void>();
  house.slack.trouble(method, { until: held.promise });
  return held.resolve;
}
const logged = (words: string) =>
  vi.waitFor(() => expect(house.context.log.lines.map(({ message }) => message).join("\n")).toContain(words));
const isReady = (platform: Pick<SlackHouse["platform"], "ready"> = house.platform) =>
  vi.waitFor(() => expect(platform.ready()).toBe(true), { timeout: 10_000 });
const started = (prompt: string) =>
  house.slack.until(() => house.usecases.starts.some(({ draft }) => draft.prompt === prompt));

it.each(["warning", "refresh_requested"] as const)(
  "opens a new connection before the old one goes when Slack sends %s",
  async (reason) => {
    const open = hold("apps.connections.open");
    house.announce(reason);
    await house.slack.until(() => house.slack.held === 1);
    for (const prompt of ["one", "two", "three"]) {
      await house.member().slash("/imagine", prompt); // acknowledged over the old one
      await started(prompt);
    }
    expect(house.platform.ready()).toBe(true);
    house.announce(reason); // said twice, it makes one connection
    open();
    await house.slack.until(() => house.slack.connections === 2 && house.connections() === 1);
    await house.member().slash("/imagine", "four");
    await started("four");
    expect(house.platform.ready()).toBe(true);
    expect(house.slack.callsOf("apps.connections.open")).toHaveLength(2);
  },
);

it("goes on trying when the new connection of a renewal fails", async () => {
  house.slack.trouble("apps.connections.open", { drop: "before" });
  house.slack.trouble("apps.connections.open", { error: "internal_error" });
  house.announce("warning");
  await house.slack.until(() => house.slack.connections === 2 && house.connections() === 1);
  await house.member().slash("/imagine", "one");
  await started("one");
});

it("is not ready while the connection is lost, says why, and says when it is back", async () => {
  const open = hold("apps.connections.open");
  house.cut();
  await house.slack.until(() => house.slack.held === 1);
  expect(house.platform.ready()).toBe(false);
  await logged("Slack: the connection is lost");
  open();
  await isReady();
  await logged("Slack: the connection is back");
  const lines = house.context.log.lines.filter(({ message }) => message.includes("connection is lost"));
  expect(lines).toMatchObject([{ level: "warn", facts: { reason: expect.any(String) } }]);
});

it("is not ready while Slack is silent, although nothing was closed", async () => {
  const open = hold("apps.connections.open");
  house.cut({ silently: true });
  await house.slack.until(() => house.slack.held === 1);
  expect(house.platform.ready()).toBe(false);
  open();
  await isReady();
});

it.each([
  ["its Web API", "auth.test"],
  ["its Socket Mode", "apps.connections.open"],
])("starts while Slack cannot be reached, tries on, and is ready once %s answers", async (_what, method) => {
  const other = createSlack(house.options, { ...house.context, cache: memoryCache() });
  house.slack.trouble(method, { drop: "before" });
  const open = hold(method);
  await other.start();
  expect(other.ready()).toBe(false);
  open();
  await isReady(other);
  await other.stop();
});

it("stops although Slack cannot be reached", async () => {
  const other = createSlack(house.options, { ...house.context, cache: memoryCache() });
  house.slack.trouble("auth.test", { drop: "before" });
  const open = hold("auth.test");
  await other.start();
  const stopped = other.stop();
  open();
  await stopped;
  expect(other.ready()).toBe(false);
});

it("answers a ping while Slack can be reached and takes the token", async () => {
  await house.platform.ping?.();
  house.slack.trouble("auth.test", { drop: "before" });
  await expect(house.platform.ping?.()).rejects.toThrow("Slack cannot be reached");
  house.slack.revoke(house.slack.botToken);
  await expect(house.platform.ping?.()).rejects.toThrow("SLACK_BOT_TOKEN: Slack says token_revoked.");
});

it("takes a repeated event in another process for the same one, and leaves one waiting message", async () => {
  const resend = await house.member().slash("/imagine", "a red bicycle");
  await house.slack.until(() => house.slack.messages[0]?.looks.length === 2);
  await house.platform.stop();
  const other = createSlack(house.options, { ...house.context, cache: memoryCache() });
  await other.start();
  await resend();
  await house.slack.until(() => house.slack.messages[1]?.deleted);
  await other.stop();
  const [first, second] = house.usecases.starts.map(({ caller }) => caller.inbound);
  expect(second).toBe(first);
  expect(house.slack.messagesIn("C1")).toHaveLength(1);
});

it("shows in its message that a job is cancelled, although nobody has followed it since a restart", async () => {
  const ada = house.member();
  await ada.slash("/imagine", "a red bicycle");
  const message = await house.slack.until(() => house.slack.messages.find(({ looks }) => looks.length === 2));
  await house.platform.stop();
  const restarted = createSlack(house.options, { ...house.context, cache: memoryCache() });
  await restarted.start();
  await ada.press(message, "Cancel");
  await house.slack.until(() => JSON.stringify(message.blocks).includes("*Cancelled*"));
  await restarted.stop();
});

it("lets what is under way finish when it stops", async () => {
  await house.member().slash("/imagine", "a red bicycle");
  await house.platform.stop();
  expect(house.usecases.starts).toHaveLength(1);
});

it("finds good tokens good, and posts nothing for that", async () => {
  await house.platform.check();
  expect(house.slack.messages).toEqual([]);
});

it("says which token is wrong", async () => {
  const wrongBot = createSlack({ ...house.options, botToken: "xoxb-wrong" }, house.context);
  await expect(wrongBot.check()).rejects.toThrow("SLACK_BOT_TOKEN: Slack says invalid_auth.");
  await expect(wrongBot.start()).rejects.toThrow("SLACK_BOT_TOKEN");
  const wrongApp = createSlack({ ...house.options, appToken: "xapp-wrong" }, house.context);
  await expect(wrongApp.check()).rejects.toThrow("SLACK_APP_TOKEN: Slack says invalid_auth.");
});

it("says which scopes are missing", async () => {
  house.slack.scopes.delete("files:write");
  await expect(house.platform.check()).rejects.toThrow("lacks files:write");
});

it("writes no token into the log", async () => {
  house.slack.trouble("chat.postMessage", { drop: "after" });
  house.usecases.failNext(new Error("broken"));
  await house.member().slash("/imagine", "a red bicycle");
  await house.slack.until(() => house.slack.whispers[0]);
  const { lines } = house.context.log;
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.map((line) => JSON.stringify(line)).join()).not.toMatch(/xoxb|xapp/);
});
