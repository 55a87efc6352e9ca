import { afterEach, beforeEach, expect, it } from "vitest";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { postSigned } from "../../support/slack/socket.ts";

let house: SlackHouse;

beforeEach(async () => {
  house = await slackHouse("http");
});
afterEach(() => house.close());

const body = new URLSearchParams({
  command: "/imagine",
  text: "a red bicycle",
  team_id: "T1",
  user_id: "U1",
  user_name: "ada",
  channel_id: "C1",
  trigger_id: "1.2.3",
}).toString();
const nowSeconds = () => Math.floor(Date.now() / 1000);

it("takes what Slack signed", async () => {
  expect((await postSigned(house.slack, house.eventsUrl, body)).status).toBe(200);
  await house.slack.until(() => house.usecases.starts[0]);
});

it.each([
  ["is older than five minutes", () => postSigned(house.slack, house.eventsUrl, body, { at: nowSeconds() - 301 })],
  ["claims to come from the future", () => postSigned(house.slack, house.eventsUrl, body, { at: nowSeconds() + 330 })],
  ["is signed with another secret", () => postSigned({ signingSecret: "guessed" }, house.eventsUrl, body)],
  ["is not signed", () => fetch(house.eventsUrl, { method: "POST", body })],
])("refuses with 401 what %s", async (_, send) => {
  expect((await send()).status).toBe(401);
  expect(house.usecases.starts).toEqual([]);
  expect(house.slack.messages).toEqual([]);
});

it("refuses a body past 1 MB", async () => {
  expect((await postSigned(house.slack, house.eventsUrl, `${body}&x=${"x".repeat(1_100_000)}`)).status).toBe(413);
});

it("asks Slack to try again once it has stopped", async () => {
  await house.platform.stop();
  expect((await postSigned(house.slack, house.eventsUrl, body)).status).toBe(503);
  expect(house.platform.ready()).toBe(false);
});

it("does what was signed once, however often it is sent again within its five minutes", async () => {
  const sent = { at: nowSeconds() };
  for (let time = 0; time < 3; time += 1) {
    expect((await postSigned(house.slack, house.eventsUrl, body, sent)).status).toBe(200);
  }
  await house.slack.until(() => house.usecases.starts[0]);
  expect(new Set(house.usecases.starts.map(({ caller }) => caller.inbound)).size).toBe(1); // one event makes one job
});
