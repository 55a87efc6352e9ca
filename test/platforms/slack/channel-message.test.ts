import { afterEach, beforeEach, expect, it } from "vitest";
import { budgetAlert, channelMessage, weekDigest } from "../../support/channel-posts.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";

let house: SlackHouse;
beforeEach(async () => {
  house = await slackHouse();
});
afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

const post = (channel: string, ...[content, given]: [Parameters<typeof channelMessage>[1], object?]) =>
  house.platform.postToChannel?.(channelMessage({ tenant: "slack:T1", channel }, content, given));
const shownIn = (channel: string) => house.slack.messagesIn(channel).map(({ blocks }) => JSON.stringify(blocks));

it("posts an alert into a public channel that it joins for that, and edits it where it is", async () => {
  const posted = await post("C2", budgetAlert);
  expect(shownIn("C2")[0]).toContain("80 % of the budget here for the month is spent");
  const earlier = posted && "message" in posted ? posted.message : "";
  await post("C2", budgetAlert, { earlier, locale: "zh-CN" });
  expect(shownIn("C2")).toHaveLength(1);
  expect(shownIn("C2")[0]).toContain("这里本月的预算已用去 80 %");
});

it("posts the digest of a week with its drawing, described for those who do not see it", async () => {
  await post("C1", await weekDigest(house.folder));
  expect(shownIn("C1")[0]).toMatch(/2026-11-23 to 2026-11-29.*Ann.*Others.*slack_file.*Credits by day: 2026-11-23 0/);
});

it("says why a channel takes nothing, and writes to nobody instead", async () => {
  expect(await post("G1", budgetAlert)).toHaveProperty("closed");
  expect(await post("C404", budgetAlert)).toEqual({ closed: "gone" });
  expect(house.slack.messages).toEqual([]);
});
