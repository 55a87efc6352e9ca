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

const prompts = () => house.usecases.starts.map(({ draft }) => draft.prompt);
const started = (prompt: string) => house.slack.until(() => prompts().includes(prompt));
/** Whatever came before this has been taken by the time that this is. */
async function afterwards() {
  await ada.direct("the next");
  await started("the next");
}
const direct = { type: "message", channel_type: "im", channel: "DU1" };
const changed = (message: Json, previous_message?: Json): Json => ({
  ...direct,
  subtype: "message_changed",
  hidden: true,
  ts: "9.9",
  message: { type: "message", user: "U1", ts: "1.1", ...message },
  previous_message: { type: "message", user: "U1", ts: "1.1", ...previous_message },
});

beforeEach(() => void house.slack.channels.set("DU1", true));

it.each(["thread_broadcast", "me_message", "file_share", undefined])(
  "answers a message of kind %s",
  async (subtype) => {
    await house.tell({ ...direct, user: "U1", ts: "1.1", thread_ts: "0.9", text: "a cat", subtype });
    await started("a cat");
  },
);

it.each(["channel_join", "bot_message", "message_deleted", "pinned_item", "reminder_add", "assistant_app_thread"])(
  "answers no message of kind %s",
  async (subtype) => {
    await house.tell({ ...direct, user: "U1", ts: "1.1", text: "a cat", subtype });
    await afterwards();
    expect(prompts()).toEqual(["the next"]);
  },
);

const edited = (ts: string) => ({ user: "U1", ts });

it("answers a changed message whose first wording said nothing, once", async () => {
  await house.tell({ ...direct, user: "U1", ts: "1.1", text: "" });
  const change = changed({ text: "a cat", edited: edited("2.2") }, { text: "" });
  await house.tell(change);
  await started("a cat");
  await house.tell(change); // the same again
  await afterwards();
  expect(prompts()).toEqual(["a cat", "the next"]);
});

it("says that a message which was changed too late has been started as it was, and makes nothing of it", async () => {
  await house.tell({ ...direct, user: "U1", ts: "1.1", text: "a cat" });
  await started("a cat");
  await house.slack.until(() => house.slack.messagesIn("DU1").find(({ looks }) => looks.length > 1));
  await house.tell(changed({ text: "a dog", edited: edited("2.2") }, { text: "a cat" }));
  await house.slack.until(() =>
    JSON.stringify(house.slack.messagesIn("DU1")).includes("started on your first wording"),
  );
  await afterwards();
  expect(prompts()).toEqual(["a cat", "the next"]);
});

it("does not take a preview that Slack adds for a change", async () => {
  await house.tell(
    changed({ text: "a cat", attachments: [{ image_url: "https://x.example/a.png" }] }, { text: "a cat" }),
  );
  await house.tell(changed({ text: "a cat", edited: { user: "U1", ts: "2.2" } }, { text: "a cat" }));
  await afterwards();
  expect(prompts()).toEqual(["the next"]);
});

it("answers a mention that was written into a message afterwards", async () => {
  const edited = { user: "U1", ts: "2.2" };
  await ada.mention("a cat", { channel: "C1", more: { edited } });
  await started("a cat");
});

/** A result at the head of a thread in C1. */
async function resultInChannel() {
  await ada.slash("/imagine", "a red bicycle");
  const message = await house.slack.until(() => house.slack.messages.find(({ looks }) => looks.length > 1));
  const job = house.usecases.push("job1", { state: "delivered", images: [await house.image("one.png")], charged: 5 });
  const replyTarget = house.usecases.starts[0]?.caller.replyTarget ?? "";
  const delivered = await house.platform.deliver({ job, replyTarget, nonce: "job1", repeated: false, spoiler: false });
  house.usecases.records.messages.set("job1", delivered.messages ?? []);
  return message;
}

it.each(["thread_broadcast", "me_message", undefined])(
  "edits the result above by a mention of kind %s",
  async (subtype) => {
    const { ts } = await resultInChannel();
    const root = { ts, user: "UBOT", bot_id: "B1", thread_ts: ts, files: [] };
    await ada.mention("make it blue", { channel: "C1", thread: ts, more: { subtype, root } });
    const { name, of } = await house.slack.until(() => house.usecases.starts[1]);
    expect([name, of]).toEqual(["edit", { job: "job1" }]);
  },
);

it("edits the result above by a mention that was written into a reply afterwards", async () => {
  const { ts } = await resultInChannel();
  await ada.mention("make it blue", { channel: "C1", thread: ts, more: { edited: edited("9.9") } });
  expect(await house.slack.until(() => house.usecases.starts[1])).toMatchObject({ name: "edit", of: { job: "job1" } });
});

it("answers in the thread of a reply that was also sent to the conversation", async () => {
  await house.tell({ ...direct, subtype: "thread_broadcast", user: "U1", ts: "1.1", thread_ts: "0.9", text: "a cat" });
  expect((await house.slack.until(() => house.slack.messagesIn("DU1")[0])).thread).toBe("0.9");
});

it("sends to the member what is asked for in their conversation with somebody else, and says why", async () => {
  house.slack.channels.set("D9", false);
  await ada.slash("/imagine", "a red bicycle", "D9");
  const message = await house.slack.until(() => house.slack.messagesIn("DU1").find(({ looks }) => looks.length > 1));
  expect(JSON.stringify(message.blocks)).toContain("conversation with somebody else");
  expect(house.slack.callsOf("conversations.join")).toEqual([]);
});
