import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Member } from "../../support/slack/member.ts";
import type { Json, SlackMessage, Whisper } from "../../support/slack/state.ts";

const yes = "Yes, for at most 600 credits";
let house: SlackHouse;
let ada: Member;

beforeEach(async () => {
  house = await slackHouse();
  ada = house.member();
  house.slack.uploads.set("photo.png", Buffer.from("photo"));
  house.usecases.dear = 600;
});
afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const messages = () => house.slack.messages.filter(({ deleted }) => !deleted);
const inbounds = () => new Set(house.usecases.starts.map(({ caller }) => caller.inbound));
/** Told to the member alone, there or in the conversation with the app. */
const shownWith = (words: string): Promise<Whisper | SlackMessage> =>
  house.slack.until(
    () =>
      house.slack.whispers.find((seen) => said(seen).includes(words)) ??
      messages().find((seen) => said(seen).includes(words)),
  );

async function below(): Promise<void> {
  delete house.usecases.dear;
  await ada.mention("a red bicycle", { channel: "C1", thread: "9.9" });
  const waiting = await house.slack.until(() => messages().find((seen) => said(seen).includes("Cancel")));
  house.usecases.push("job1", { state: "delivered", images: [await house.image("one.png")] });
  waiting.deleted = true;
  house.usecases.starts.length = 0;
  house.usecases.dear = 600;
  await ada.mention("in oil", { channel: "C1", thread: "9.9" });
}

const files = ["photo.png"];
const withFile = { images: [{ filename: "photo.png" }] };
const surfaces: [string, () => Promise<unknown>, object][] = [
  ["a slash command", () => ada.slash("/imagine", "in oil"), { name: "imagine", draft: { prompt: "in oil" } }],
  [
    "a mention with a file",
    () => ada.mention("in oil", { channel: "C1", files }),
    { name: "imagine", draft: { prompt: "in oil", ...withFile } },
  ],
  ["a direct message", () => ada.direct("in oil", { files }), { draft: { prompt: "in oil", ...withFile } }],
  ["a reply in a thread", below, { name: "edit", of: { job: "job1" }, draft: { prompt: "in oil" } }],
];

describe.each(surfaces)("what is dear, by %s", (name, ask, wanted) => {
  it("is asked about before anybody sees anything, and made once by yes, as it was asked for", async () => {
    await ask();
    const question = await shownWith("at most 600 credits");
    expect(said(question)).toContain("in oil");
    expect(messages().filter((seen) => seen !== question)).toEqual([]);
    expect(house.usecases.starts).toEqual([]);
    await Promise.all([ada.press(question, yes), ada.press(question, yes)]);
    await house.slack.until(() => house.usecases.starts.length === 2);
    expect(house.usecases.starts[0]).toMatchObject(wanted);
    expect(inbounds().size).toBe(1);
    await house.slack.until(() => messages().length === 1 && !messages().includes(question as SlackMessage));
    const place = JSON.parse(house.usecases.starts[0]?.caller.replyTarget ?? "");
    const direct = name === "a direct message";
    expect(place.channel).toBe(direct ? "DU1" : "C1");
    const [head = ""] = [...house.slack.written].map((written) => written.replace("DU1:", "")); // of the thread with the agent
    expect(place.thread).toBe(direct ? head : name === "a reply in a thread" ? "9.9" : undefined);
    expect(messages()[0]).toMatchObject({ channel: place.channel, thread: place.thread });
  });

  it("is not made by no", async () => {
    await ask();
    const question = await shownWith("at most 600 credits");
    await ada.press(question, "No");
    await shownWith("Nothing was made");
    expect(house.usecases.starts).toEqual([]);
  });
});

it("a question that is closed, or another member's, says so and announces nothing", async () => {
  await ada.slash("/imagine", "in oil");
  const question = await shownWith("at most 600 credits");
  await house.member({ id: "U2", name: "ben" }).press(question, yes);
  await shownWith("Only the person who asked");
  await house.usecases.reject("q1", { member: "slack:T1:U1" } as never);
  await ada.press(question, yes);
  await shownWith("That question is closed");
  expect(house.slack.messages).toEqual([]);
  expect(house.usecases.starts).toEqual([]);
});

it("yes that is refused leaves the question there, to be answered later", async () => {
  await ada.slash("/imagine", "in oil");
  const question = await shownWith("at most 600 credits");
  house.usecases.failNext(new Refusal("too-many-queued", { limit: 10 }));
  await ada.press(question, yes);
  await shownWith("10 jobs waiting");
  expect([...house.slack.responseUrls.values()].some(({ gone }) => gone)).toBe(false);
  await ada.press(question, yes);
  await house.slack.until(() => house.usecases.starts.length === 2);
  await house.slack.until(() => [...house.slack.responseUrls.values()].some(({ gone }) => gone));
});

describe.each([
  ["a mention", "C1", () => ada.mention("a fox & hen, x3", { channel: "C1" })],
  ["a reply in a thread", "C1", () => ada.mention("a fox & hen, x3", { channel: "C1", thread: "9.9" })],
  ["a slash command", "C1", () => ada.slash("/imagine", "a fox & hen, x3")],
] as const)("options that were taken out of %s", (_name, channel, ask) => {
  it.each([
    ["Draw it: at most 5 credits", { prompt: "a fox & hen", count: 3 }],
    ["Leave my words: at most 5 credits", { prompt: "a fox & hen, x3", count: undefined }],
  ])("are shown before anything is made, and made once by “%s”", async (label, draft) => {
    delete house.usecases.dear;
    await ask();
    const question = await shownWith("I read 3 images out of your words");
    expect(messages().filter((seen) => seen !== question)).toEqual([]);
    expect(house.usecases.starts).toEqual([]);
    await ada.press(question, label);
    await house.slack.until(() => house.usecases.starts.length === 1);
    expect(house.usecases.starts[0]).toMatchObject({ name: "imagine", draft });
    await house.slack.until(() => messages().some((seen) => seen.channel === channel));
  });
});

it("a form, which shows its price, does not ask a second time", async () => {
  await ada.shortcut("imagine");
  const form = await house.slack.until(() => house.slack.views[0]);
  await ada.submit(form, { prompt: "in oil" });
  const started = await house.slack.until(() => house.usecases.starts[0]);
  expect(started.draft.prompt).toBe("in oil");
});
