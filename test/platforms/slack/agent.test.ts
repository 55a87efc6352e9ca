import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Member } from "../../support/slack/member.ts";
import type { Json, SlackMessage } from "../../support/slack/state.ts";

let house: SlackHouse;
let ada: Member;

const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const startedAt = (index: number) => house.slack.until(() => house.usecases.starts[index]);
const session = (thread: string) => house.slack.sessions.get(`DU1:${thread}`);
const statusIs = (thread: string, status: string) => house.slack.until(() => session(thread)?.status === status);
const shownWith = (words: string) =>
  house.slack.until(() => house.slack.messagesIn("DU1").find((seen) => said(seen).includes(words)));
/** The member's message with which a thread began. */
const headOf = ({ thread = "" }: SlackMessage) => thread;

/** A thread in which a job waits. */
async function begin(words = "a red bicycle") {
  await ada.direct(words);
  return headOf(await shownWith("Cancel"));
}

async function deliver(id: string, images: readonly string[] = ["one.png"]) {
  const stored = await Promise.all(images.map((name) => house.image(name)));
  const state = images.length > 0 ? "delivered" : "failed";
  const replyTarget = (await house.usecases.job(id, caller)).replyTarget ?? "";
  const job = { ...(await house.usecases.job(id, caller)), state, images: stored } as const;
  const delivered = await house.platform.deliver({ job, replyTarget, nonce: id, repeated: false, spoiler: false });
  house.usecases.push(id, { state, images: stored });
  return delivered;
}
const caller = { member: "slack:T1:U1" } as Parameters<SlackHouse["usecases"]["job"]>[1];

describe.each(["socket", "http"] as const)("The app as an agent in Slack by %s", (mode) => {
  beforeEach(async () => {
    house = await slackHouse(mode);
    ada = house.member();
  });
  afterEach(async () => {
    await house.close();
    expect(house.slack.violations).toEqual([]);
  });

  it("answers below the message, and works in a session of that thread until the image is there", async () => {
    const thread = await begin();
    await statusIs(thread, "processing");
    expect(session(thread)).toMatchObject({ title: "a red bicycle", user: "U1" });
    expect(house.slack.written.has(`DU1:${thread}`)).toBe(true);
    await deliver("job1");
    expect(session(thread)?.looks).toEqual(["active", "processing", "active"]);
    expect(house.slack.messagesIn("DU1")).toHaveLength(1);
  });

  it("rests when nothing comes of it: a refusal, a question, a failure, a cancelled job", async () => {
    await ada.direct("help");
    const help = await house.slack.until(() => house.slack.messagesIn("DU1")[0]);
    expect(session(headOf(help))?.status).toBe("active");
    house.usecases.failNext(new Refusal("prompt-empty", {}));
    await ada.direct("nothing good");
    const refused = await house.slack.until(() => house.slack.messagesIn("DU1")[1]);
    expect(headOf(refused)).not.toBe(headOf(help));
    const thread = await begin("one that fails");
    await statusIs(thread, "processing");
    await deliver("job1", []);
    expect(session(thread)?.status).toBe("active");
    await ada.direct("one that is cancelled");
    await startedAt(2);
    const waiting = await shownWith("one that is cancelled");
    await statusIs(headOf(waiting), "processing");
    await ada.press(await shownWith("Cancel"), "Cancel");
    await statusIs(headOf(waiting), "active");
  });

  it("edits the last image of the thread, also after a restart, and begins anew outside of it", async () => {
    const thread = await begin();
    await deliver("job1");
    await ada.direct("make it blue", { thread });
    expect(await startedAt(1)).toMatchObject({ name: "edit", of: { job: "job1" } });
    await deliver("job2", ["two.png"]);
    await house.context.cache.delete(`slack:T1:DU1:thread:${thread}`); // as in another process
    await ada.direct("and green", { thread });
    expect(await startedAt(2)).toMatchObject({ name: "edit", of: { job: "job2" } });
    await ada.direct("a dog");
    expect(await startedAt(3)).toMatchObject({ name: "imagine" });
  });

  it("starts from files that the first message brings, and waits for an image that is being drawn", async () => {
    house.slack.uploads.set("photo.png", Buffer.from("a photo"));
    await ada.direct("in oil", { files: ["photo.png"] });
    const { caller: by, draft } = await startedAt(0);
    const { thread = "" } = JSON.parse(by.replyTarget) as { thread?: string };
    expect(draft).toMatchObject({ prompt: "in oil", images: [{ filename: "photo.png" }] });
    await ada.direct("bigger", { thread });
    expect((await shownWith("still being drawn")).thread).toBe(thread);
    expect(house.usecases.starts).toHaveLength(1);
  });

  it("stops what was not sent, free of charge, once, also when Slack tells it twice", async () => {
    const thread = await begin();
    await statusIs(thread, "processing");
    const again = await ada.stop(thread);
    const answer = await shownWith("you pay nothing");
    expect(answer.thread).toBe(thread);
    expect(said(answer)).toContain("5 credits are free again");
    await again({ num: 1, reason: "http_timeout" });
    await statusIs(thread, "active");
    expect((await house.usecases.job("job1", caller)).state).toBe("cancelled");
    await house.slack.until(() => house.slack.messagesIn("DU1").some((seen) => said(seen).includes("Cancelled")));
    expect(house.slack.messagesIn("DU1")).toHaveLength(2);
  });

  it("says honestly that what was sent cannot be stopped, and that the image still comes", async () => {
    const thread = await begin();
    house.usecases.push("job1", { state: "running" });
    await ada.stop(thread);
    expect(said(await shownWith("Too late to stop"))).toContain("costs at most 5 credits");
    await statusIs(thread, "active");
    await deliver("job1");
    expect(session(thread)?.status).toBe("active");
  });

  it("lets nobody stop what somebody else asked for", async () => {
    const thread = await begin();
    const event = { type: "agent_session_stopped", channel: "DU1", user: "U2", thread_ts: thread };
    await house.tell({ ...event, streaming_message_ts: [] });
    await statusIs(thread, "active");
    expect((await house.usecases.job("job1", caller)).state).toBe("queued");
  });

  it("suggests prompts in the member's language when they open the conversation", async () => {
    house.slack.members.set("U1", { locale: "zh-CN", admin: false, displayName: "ada" });
    await ada.openMessages();
    const prompts = await house.slack.until(() => house.slack.prompts.get("DU1"));
    expect(prompts).toHaveLength(4);
    expect(prompts[0]?.title).toBe("海报");
  });
});

describe("An installation from before, without the scope", () => {
  beforeEach(async () => {
    house = await slackHouse();
    house.slack.scopes.delete("assistant:write");
    ada = house.member();
  });
  afterEach(async () => {
    await house.close();
    expect(house.slack.violations).toEqual([]);
  });

  it("answers in the conversation itself, as it did, and asks Slack once", async () => {
    await ada.direct("a red bicycle");
    expect((await shownWith("Cancel")).thread).toBeUndefined();
    await ada.direct("a dog");
    await startedAt(1);
    await ada.openMessages();
    await ada.direct("below", { thread: "1.1" });
    await startedAt(2);
    expect(house.slack.callsOf("agents.sessions.setStatus")).toHaveLength(1);
    expect(house.slack.callsOf("assistant.threads.setSuggestedPrompts")).toEqual([]);
  });

  it("draws all the same while Slack does not answer", async () => {
    house.slack.scopes.add("assistant:write");
    house.slack.trouble("agents.sessions.setStatus", { error: "internal_error" });
    await ada.direct("a red bicycle");
    expect((await shownWith("Cancel")).thread).toBeUndefined();
    await ada.direct("a dog");
    await startedAt(1);
    const other = await house.slack.until(() => house.slack.messagesIn("DU1").find(({ thread }) => thread));
    expect(said(other)).toContain("ada");
  });
});
