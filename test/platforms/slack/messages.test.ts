import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobView } from "../../../src/contract/usecases.ts";
import type { FakeReferences } from "../../support/fake-references.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memberFile } from "../../support/slack/files.ts";
import type { Member } from "../../support/slack/member.ts";
import type { Json } from "../../support/slack/state.ts";

let house: SlackHouse;
let ada: Member;

const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const startedAt = (index: number) => house.slack.until(() => house.usecases.starts[index]);
const fileNamed = (name: string) => ({
  filename: name,
  source: {
    url: `${house.origin}/files/${name}`,
    authorization: `Bearer ${house.slack.botToken}`,
    authorizedFor: house.origin,
  },
});

describe.each(["socket", "http"] as const)("What members write to the app in Slack by %s", (mode) => {
  beforeEach(async () => {
    house = await slackHouse(mode);
    ada = house.member();
  });
  afterEach(async () => {
    await house.close();
    expect(house.slack.violations).toEqual([]);
  });

  /** A result in the channel, found again by its message. */
  async function result(change: Partial<JobView> = {}) {
    await ada.slash("/imagine", "a red bicycle");
    const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    const job = house.usecases.push("job1", {
      state: "delivered",
      images: [await house.image("one.png")],
      charged: 5,
      ...change,
    });
    const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
    const { messages = [] } = await house.platform.deliver({
      job,
      replyTarget: place,
      nonce: "job1",
      repeated: false,
      spoiler: false,
    });
    house.usecases.records.messages.set("job1", messages);
    return message;
  }

  it("takes a mention as a prompt, with the options at its end", async () => {
    await ada.mention("a lighthouse --size 2k 16:9 --count 3", { channel: "C1" });
    const { name, draft, caller } = await startedAt(0);
    expect([name, draft.prompt, draft.size, draft.count]).toEqual(["imagine", "a lighthouse", "2k 16:9", 3]);
    expect(caller).toMatchObject({ name: "ada", channel: "C1", tenant: "slack:T1" });
    expect(house.slack.messagesIn("C1")).toHaveLength(1);
  });

  it("changes the images of a result when it is mentioned below them, and answers there", async () => {
    const message = await result();
    await ada.mention("make it blue", { channel: "C1", thread: message.ts });
    const started = await startedAt(1);
    expect(started).toMatchObject({ name: "edit", of: { job: "job1" }, draft: { prompt: "make it blue" } });
    const answer = await house.slack.until(() => house.slack.messages[1]);
    expect(answer.thread).toBe(message.ts);
  });

  it("changes what was asked for last in a thread, also where the thread began with something else", async () => {
    await ada.mention("a lighthouse", { channel: "C1", thread: "9.9" });
    await startedAt(0);
    const job = house.usecases.push("job1", { state: "delivered", images: [await house.image("one.png")] });
    const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
    const delivery = { job, replyTarget: place, nonce: "job1", repeated: false, spoiler: false };
    const { messages = [] } = await house.platform.deliver(delivery);
    house.usecases.records.messages.set("job1", messages);
    await ada.mention("make it blue", { channel: "C1", thread: "9.9" });
    expect(await startedAt(1)).toMatchObject({ name: "edit", of: { job: "job1" } });
    house.usecases.push("job2", { state: "delivered", images: [await house.image("two.png")] });
    await ada.mention("and now red", { channel: "C1", thread: "9.9" });
    expect(await startedAt(2)).toMatchObject({ name: "edit", of: { job: "job2" } });
    await house.context.cache.delete("slack:T1:C1:thread:9.9"); // as in another process
    await ada.mention("and green", { channel: "C1", thread: "9.9" });
    expect(await startedAt(3)).toMatchObject({ name: "edit", of: { job: "job1" } });
  });

  it("changes the files beside a mention", async () => {
    await ada.mention("make it blue", { channel: "C1", files: ["photo.png"] });
    const { name, draft } = await startedAt(0);
    expect([name, draft.prompt]).toEqual(["imagine", "make it blue"]);
    expect(draft.images).toEqual([fileNamed("photo.png")]);
  });

  it("takes a direct message as a prompt, and its files as what to start from", async () => {
    await ada.direct("a <b> & c");
    expect((await startedAt(0)).draft.prompt).toBe("a <b> & c");
    await ada.direct("make it blue", { files: ["photo.png"] });
    expect((await startedAt(1)).draft.images).toEqual([fileNamed("photo.png")]);
    await house.slack.until(() => house.slack.messagesIn("DU1").length === 2);
    expect(house.slack.messagesIn("C1")).toEqual([]);
  });

  it("makes one job of a message that Slack reports three times", async () => {
    const resend = await ada.mention("a lighthouse", { channel: "C1" });
    await resend({ num: 1, reason: "http_timeout" });
    await resend();
    await ada.mention("the next", { channel: "C1" }); // whatever the repetitions did would have come before this
    await house.slack.until(() => house.usecases.starts.find(({ draft }) => draft.prompt === "the next"));
    expect(house.usecases.starts).toHaveLength(2);
  });

  it("takes nothing that a bot wrote, and no changed message", async () => {
    const event = { type: "message", channel_type: "im", channel: "DU1", text: "a cat", ts: "1.1" };
    await house.tell({ ...event, user: "U1", bot_id: "B9" });
    await house.tell({ ...event, user: "U1", subtype: "message_changed" });
    await ada.direct("a dog");
    await startedAt(0);
    expect(house.usecases.starts.map(({ draft }) => draft.prompt)).toEqual(["a dog"]);
  });

  it("says what to write when there are no words", async () => {
    await ada.mention("", { channel: "C1" });
    const whisper = await house.slack.until(() => house.slack.whispers[0]);
    expect(said(whisper)).toContain("Tell me what to draw");
    expect(house.usecases.starts).toEqual([]);
  });

  it("opens the form on a message with files, and changes those", async () => {
    house.slack.uploads.set("photo.png", Buffer.from("png"));
    const theirs = { channel: "C1", ts: "5.5", files: [memberFile(house.origin, "photo.png")] };
    await ada.shortcutOn("edit", theirs);
    const form = await house.slack.until(() => house.slack.views[0]);
    expect(form.view.title).toMatchObject({ text: "Edit image" });
    await ada.submit(form, { prompt: "make it blue" });
    const { draft } = await startedAt(0);
    expect(draft.images).toEqual([fileNamed("photo.png")]);
  });

  it("opens the form on a result of its own, and changes that job", async () => {
    const message = await result();
    await ada.shortcutOn("edit", message);
    const form = await house.slack.until(() => house.slack.views[0]);
    await ada.submit(form, { prompt: "make it blue" });
    expect(await startedAt(1)).toMatchObject({ name: "edit", of: { job: "job1" } });
  });

  it("says that a message without images has none", async () => {
    await ada.shortcutOn("edit", { channel: "C1", ts: "5.5", files: [] });
    const whisper = await house.slack.until(() => house.slack.whispers[0]);
    expect(said(whisper)).toContain("no image in that message");
    expect(house.slack.views).toEqual([]);
  });

  it("opens another form to save an image under a name: of files, or of a result of its own", async () => {
    house.slack.uploads.set("photo.png", Buffer.from("png"));
    await ada.shortcutOn("save", { channel: "C1", ts: "5.5", files: [memberFile(house.origin, "photo.png")] });
    const first = await house.slack.until(() => house.slack.views[0]);
    expect(first.view.title).toMatchObject({ text: "Save image as…" });
    await ada.submit(first, { name: "fox" });
    await ada.shortcutOn("save", await result());
    await ada.submit(await house.slack.until(() => house.slack.views[1]), { name: "vixen" });
    const { saves } = house.usecases.references as FakeReferences;
    await house.slack.until(() => saves[1]);
    expect(saves).toMatchObject([
      { name: "fox", images: [fileNamed("photo.png")] },
      { name: "vixen", of: { job: "job1" } },
    ]);
    await ada.shortcutOn("save", { channel: "C1", ts: "6.6", files: [] });
    await house.slack.until(() => house.slack.whispers.find((whisper) => said(whisper).includes("that I could save")));
  });
});
