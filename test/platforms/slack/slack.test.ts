import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Member } from "../../support/slack/member.ts";
import type { Json } from "../../support/slack/state.ts";

let house: SlackHouse;
let ada: Member;

const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);

describe.each(["socket", "http"] as const)("Slack by %s", (mode) => {
  beforeEach(async () => {
    house = await slackHouse(mode);
    ada = house.member();
  });
  afterEach(async () => {
    await house.close();
    expect(house.slack.violations).toEqual([]);
  });

  it("runs /imagine with a prompt at once and shows in the channel that it waits", async () => {
    await ada.slash("/imagine", "a red bicycle --size 2048x1152 --quality high --count 2");
    const message = await house.slack.until(() =>
      house.slack.messages.find((seen) => said(seen).includes("Waiting: next")),
    );
    expect(message.channel).toBe("C1");
    expect(said(message)).toContain("*ada*: a red bicycle");
    const [started] = house.usecases.starts;
    expect(started?.draft).toMatchObject({ prompt: "a red bicycle", size: "2048x1152", quality: "high", count: 2 });
    expect(started?.caller).toMatchObject({
      platform: "slack",
      tenant: "slack:T1",
      member: "slack:T1:U1",
      name: "ada",
    });
    expect(JSON.parse(started?.caller.replyTarget ?? "")).toMatchObject({
      channel: "C1",
      user: "U1",
      waiting: { channel: "C1", ts: message.ts },
    });
  });

  it("opens a form for /imagine alone, and what is filled in there becomes the job", async () => {
    await ada.slash("/imagine", "");
    const form = await house.slack.until(() => house.slack.views[0]);
    const photo = { id: "F0", name: "photo.png", url_private_download: `${house.origin}/files/photo.png` };
    const ack = await ada.submit(form, { prompt: "a <b> & c", size: "2048x2048", count: 3, images: [photo] });
    expect(ack).toEqual({});
    const message = await house.slack.until(() => house.slack.messagesIn("C1")[0]);
    const started = await house.slack.until(() => house.usecases.starts[0]);
    expect(started.draft).toMatchObject({ prompt: "a <b> & c", size: "2048x2048", count: 3 });
    expect(started.draft.private).toBeUndefined(); // as the member always wants it
    expect(started.draft.images).toEqual([
      {
        filename: "photo.png",
        source: {
          url: photo.url_private_download,
          authorization: `Bearer ${house.slack.botToken}`,
          authorizedFor: house.origin,
        },
      },
    ]);
    expect(said(message)).toContain("a &lt;b&gt; &amp; c");
    expect(started.caller.inbound).toBe(`slack:${form.id}`);
  });

  it("opens the same form from the global shortcut", async () => {
    await ada.shortcut("imagine");
    const form = await house.slack.until(() => house.slack.views[0]);
    await ada.submit(form, { prompt: "a lighthouse" });
    const started = await house.slack.until(() => house.usecases.starts[0]);
    expect(started.draft.prompt).toBe("a lighthouse");
    expect(house.slack.messagesIn("C1")).toHaveLength(1);
  });

  it("shows in the form which field is not possible, and lets the member send it again", async () => {
    house.usecases.quoteBy(async () => {
      throw new Refusal("size-unknown", { size: "big" });
    });
    await ada.slash("/imagine", "");
    const form = await house.slack.until(() => house.slack.views[0]);
    const ack = await ada.submit(form, { prompt: "a cat" });
    expect(ack).toMatchObject({ response_action: "errors", errors: { size: expect.stringContaining("“big”") } });
    expect(house.usecases.starts).toEqual([]);
    house.usecases.quoteBy(async () => ({
      provider: "sandbox",
      unit: 5,
      total: 5,
      changes: [],
      available: 9,
      after: 4,
      confirm: false,
    }));
    expect(await ada.submit(form, { prompt: "a cat" })).toEqual({});
    await house.slack.until(() => house.usecases.starts[0]);
  });

  it("acknowledges a form in time although its quote never comes", async () => {
    house.usecases.quoteBy(() => new Promise(() => undefined));
    await ada.shortcut("imagine");
    const form = await house.slack.until(() => house.slack.views[0]);
    expect(await ada.submit(form, { prompt: "a cat" })).toEqual({});
    await house.slack.until(() => house.slack.messagesIn("C1")[0]);
  });

  it("answers help and credits to the member alone", async () => {
    await ada.slash("/imagine", "help");
    await house.slack.until(() => house.slack.whispers.find((seen) => said(seen).includes("--size")));
    await ada.slash("/imagine-credits", "");
    const card = await house.slack.until(() => house.slack.whispers[1]);
    expect(card).toMatchObject({ user: "U1", by: "response_url" });
    expect(said(card)).toContain("640 credits available");
    expect(house.slack.messages).toEqual([]);
  });

  it("cancels a waiting job by its button and shows that in the message", async () => {
    await ada.slash("/imagine", "a red bicycle");
    const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    await ada.press(message, "Cancel");
    await house.slack.until(() => said(message).includes("*Cancelled*"));
    await house.slack.until(() => house.slack.whispers.find((seen) => said(seen).includes("given back")));
  });

  it("takes the waiting message away again and says why when the job is refused", async () => {
    house.usecases.failNext(new Refusal("not-enough-credits", { needed: 20, available: 3, renewsAt: 0 }));
    await ada.slash("/imagine", "a red bicycle");
    const why = await house.slack.until(() => house.slack.whispers[0]);
    expect(why.user).toBe("U1");
    expect(said(why)).toContain("This costs up to 20 credits and you have 3");
    expect(house.slack.messagesIn("C1")).toEqual([]);
  });

  it("answers in a direct message, saying how to invite it, where it is not in the channel", async () => {
    await ada.slash("/imagine", "a red bicycle", "G1");
    const message = await house.slack.until(() =>
      house.slack.messagesIn("DU1").find((seen) => said(seen).includes("Cancel")),
    );
    expect(said(message)).toContain("<#G1>");
    expect(said(message)).toContain("/invite");
  });

  it("does nothing a second time when Slack sends the same event again", async () => {
    const resend = await ada.slash("/imagine", "a red bicycle");
    await resend();
    await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    await ada.slash("/imagine-credits", ""); // whatever the repetition did would have come before this
    await house.slack.until(() => house.slack.whispers[0]);
    expect(house.usecases.starts).toHaveLength(1);
    expect(house.slack.messages).toHaveLength(1);
  });

  it("lets nothing in a prompt mention or link anybody", async () => {
    const hostile = "<!channel> <@U2> @everyone [x](http://evil.example) <http://evil.example|x> &amp; `*_~";
    await ada.slash("/imagine", hostile);
    const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    expect(house.usecases.starts[0]?.draft.prompt).toBe(hostile);
    expect(said(message)).toContain("&lt;!channel&gt; &lt;@U2&gt;");
    expect(message.looks.every(({ text }) => !/[<>]/.test(text))).toBe(true);
  });

  it("follows the job in its message, from the queue to the drawing", async () => {
    await ada.slash("/imagine", "a red bicycle");
    const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    house.usecases.push("job1", { position: 4 });
    await house.slack.until(() => said(message).includes("number 4"));
    house.usecases.push("job1", { state: "running" });
    await house.slack.until(() => said(message).includes("Drawing"));
  });

  it("opens a form for the Edit button and keeps the image in mind", async () => {
    const message = await finishedMessage();
    await ada.press(message, "Edit");
    const form = await house.slack.until(() => house.slack.views[0]);
    await ada.submit(form, { prompt: "make it blue" });
    const started = await house.slack.until(() => house.usecases.starts[1]);
    expect(started).toMatchObject({ name: "edit", of: { job: "job1", index: 0 }, draft: { prompt: "make it blue" } });
    expect(JSON.parse(started.caller.replyTarget)).toMatchObject({ channel: "C1" });
  });

  it("starts a job by Again, Vary and Upscale, each with its own waiting message", async () => {
    const message = await finishedMessage();
    for (const label of ["Again", "Vary", "Upscale"]) await ada.press(message, label);
    await house.slack.until(() => house.usecases.starts.length === 4 && house.slack.messagesIn("C1").length === 4);
    const started = house.usecases.starts.slice(1).map(({ name, of }) => [name, of?.index]);
    expect(started.toSorted()).toEqual([
      ["again", undefined],
      ["upscale", 0],
      ["vary", 0],
    ]);
  });

  it("tells the member a reference, and only the log the fault, when something breaks", async () => {
    house.usecases.failNext(new Error("the secret innards"));
    await ada.slash("/imagine", "a red bicycle");
    const apology = await house.slack.until(() => house.slack.whispers[0]);
    expect(said(apology)).not.toContain("innards");
    const logged = house.context.log.lines.filter(({ level }) => level === "error");
    expect(logged).toHaveLength(1);
    const { reference } = (logged[0] as { facts: object }).facts as { reference: string };
    expect(said(apology)).toContain(reference);
  });

  it("says that nothing was started when Slack opens the form too late", async () => {
    house.slack.trouble("views.open", { error: "expired_trigger_id" });
    await ada.slash("/imagine", "");
    const sorry = await house.slack.until(() => house.slack.whispers[0]);
    expect(said(sorry)).toContain("try again");
  });

  it("goes on without a waiting message when Slack does not take one, and says so to the member", async () => {
    house.slack.trouble("chat.postMessage", { rateLimited: 30 });
    await ada.slash("/imagine", "a red bicycle");
    const whisper = await house.slack.until(() => house.slack.whispers[0]);
    expect(said(whisper)).toContain("Waiting: next");
    expect(JSON.parse(house.usecases.starts[0]?.caller.replyTarget ?? "").waiting).toBeUndefined();
  });

  it("keeps what is private out of the channel", async () => {
    await ada.slash("/imagine", "a secret --private");
    await house.slack.until(() => house.slack.messagesIn("DU1").find((seen) => said(seen).includes("Cancel")));
    expect(house.slack.messagesIn("C1")).toEqual([]);
    expect(house.usecases.starts[0]?.draft.private).toBe(true);
  });

  it("acknowledges before it asks anybody anything", async () => {
    const slow = Promise.withResolvers<void>();
    house.slack.trouble("chat.postMessage", { until: slow.promise });
    await ada.slash("/imagine", "a red bicycle"); // resolves with the acknowledgement
    expect(house.usecases.starts).toEqual([]);
    slow.resolve();
    await house.slack.until(() => house.usecases.starts[0]);
  });

  it("reports every acknowledgement", async () => {
    await ada.slash("/imagine-credits", "");
    await house.slack.until(() => house.slack.whispers[0]);
    expect(house.context.acknowledged).toEqual([0]);
  });
});

async function finishedMessage() {
  await ada.slash("/imagine", "a red bicycle");
  const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
  const images = [await house.image("one.png")];
  const job = house.usecases.push("job1", { state: "delivered", images, charged: 5 });
  const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
  await house.platform.deliver({ job, replyTarget: place, nonce: "job1", repeated: false, spoiler: false });
  return message;
}
