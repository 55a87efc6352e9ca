import { afterEach, beforeEach, expect, it } from "vitest";
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
