import { afterEach, beforeEach, expect, it } from "vitest";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Member } from "../../support/slack/member.ts";
import type { Json } from "../../support/slack/state.ts";

let house: SlackHouse;
let ada: Member;

beforeEach(async () => {
  house = await slackHouse();
  ada = house.member();
});
afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const startedAt = (index: number) => house.slack.until(() => house.usecases.starts[index]);
/** Everything that could ever be seen there, also for a moment. */
const everIn = (channel: string) => house.slack.messages.filter((message) => message.channel === channel);

/** A private job with an image, found in the history that is shown in a channel. */
async function privateHistory() {
  await ada.slash("/imagine", "a cat --private");
  await startedAt(0);
  house.usecases.push("job1", { state: "delivered", images: [await house.image("one.png")] });
  await ada.slash("/imagine-history", "");
  return house.slack.until(() => house.slack.whispers.find((seen) => said(seen).includes("Again")));
}

it("shows nothing of a private job in a channel, from the first moment on", async () => {
  await ada.slash("/imagine", "a cat --private");
  await house.slack.until(() => house.slack.messagesIn("DU1").find((seen) => said(seen).includes("Cancel")));
  expect(everIn("C1")).toEqual([]);
});

it("shows nothing in a channel for who always wants it private", async () => {
  await house.usecases.changeSettings({ private: true }, { member: "slack:T1:U1" } as never);
  await ada.mention("a cat", { channel: "C1" });
  await house.slack.until(() => house.slack.messagesIn("DU1").find((seen) => said(seen).includes("Cancel")));
  expect(everIn("C1")).toEqual([]);
});

it("shows nothing in a channel when a private job is asked for again there", async () => {
  await ada.press(await privateHistory(), "Again");
  await startedAt(1);
  await house.slack.until(() => house.slack.messagesIn("DU1").find((seen) => said(seen).includes("Cancel")));
  expect(everIn("C1")).toEqual([]);
});

it.each(["Vary", "Upscale"])("shows nothing in a channel when %s is pressed below a private image", async (label) => {
  await privateHistory();
  const replyTarget = house.usecases.starts[0]?.caller.replyTarget ?? "";
  const job = await house.usecases.job("job1", {} as never);
  await house.platform.deliver({ job, replyTarget, nonce: "job1", repeated: false, spoiler: false });
  const result = await house.slack.until(() =>
    house.slack.messagesIn("DU1").find((seen) => said(seen).includes(label)),
  );
  await ada.press(result, label);
  await startedAt(1);
  await house.slack.until(() => house.slack.messagesIn("DU1").find((seen) => said(seen).includes("Cancel")));
  expect(everIn("C1")).toEqual([]);
});

it("posts one waiting message for each job", async () => {
  await ada.slash("/imagine", "a cat");
  await house.slack.until(() => house.slack.messagesIn("C1").find((seen) => said(seen).includes("Cancel")));
  expect(house.slack.callsOf("chat.postMessage")).toHaveLength(1);
});

it.each([
  ["channel_not_found", "user_not_found"],
  ["is_archived", "messages_tab_disabled"],
  ["channel_not_found", "user_disabled"],
])("makes nothing that could be posted nowhere (%s, %s), and says so", async (channel, direct) => {
  house.slack.trouble("chat.postMessage", { error: channel });
  house.slack.trouble("conversations.join", { error: "channel_not_found" });
  house.slack.trouble("chat.postMessage", { error: direct });
  await ada.slash("/imagine", "a cat");
  const whisper = await house.slack.until(() => house.slack.whispers[0]);
  expect(said(whisper)).toContain("nothing was made");
  expect(house.usecases.starts).toEqual([]);
});

it("goes on without a waiting message when Slack does not take one for now", async () => {
  house.slack.trouble("chat.postMessage", { drop: "before" });
  await ada.slash("/imagine", "a cat");
  await startedAt(0);
  const whisper = await house.slack.until(() => house.slack.whispers[0]);
  expect(said(whisper)).toContain("Waiting");
});
