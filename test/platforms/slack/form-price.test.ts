import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QuoteView } from "../../../src/contract/usecases.ts";
import { Refusal } from "../../../src/errors.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memberFile } from "../../support/slack/files.ts";
import type { Member } from "../../support/slack/member.ts";
import type { Json, OpenView } from "../../support/slack/state.ts";

let house: SlackHouse;
let ada: Member;

const quote = (total: number): QuoteView => ({
  ...{ provider: "sandbox", unit: total, total, changes: [], available: 1000, after: 1000 - total, confirm: false },
});
const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const priceIn = ({ view }: OpenView) =>
  JSON.stringify((view.blocks as Json[]).find(({ block_id }) => block_id === ".price"));

describe.each(["socket", "http"] as const)("The price in a form in Slack by %s", (mode) => {
  beforeEach(async () => {
    house = await slackHouse(mode);
    ada = house.member();
    house.usecases.quoteBy(async ({ count = 1 }) => quote(20 * count));
  });
  afterEach(async () => {
    await house.close();
    expect(house.slack.violations).toEqual([]);
  });

  async function openForm() {
    await ada.shortcut("imagine");
    const form = await house.slack.until(() => house.slack.views[0]);
    await house.slack.until(() => priceIn(form).includes("20 credits at most"));
    return form;
  }

  it("comes after the form is open, and follows the choices without losing what was written", async () => {
    const form = await openForm();
    form.filled.set("prompt", { answer: { type: "plain_text_input", value: "a cat" } });
    await ada.choose(form, { count: 4 });
    await house.slack.until(() => priceIn(form).includes("80 credits at most"));
    expect(await ada.submit(form, {})).toEqual({});
    const started = await house.slack.until(() => house.usecases.starts[0]);
    expect(started.draft).toMatchObject({ prompt: "a cat", count: 4 });
  });

  it("is that of the last choice although the quote of an earlier one comes later", async () => {
    const form = await openForm();
    const slow = Promise.withResolvers<void>();
    house.usecases.quoteBy(async ({ count = 1 }) => {
      if (count === 4) await slow.promise;
      return quote(20 * count);
    });
    await ada.choose(form, { count: 4 });
    await ada.choose(form, { count: 2 });
    await house.slack.until(() => priceIn(form).includes("40 credits at most"));
    slow.resolve();
    await ada.choose(form, { count: 3 });
    await house.slack.until(() => priceIn(form).includes("60 credits at most"));
    expect(house.slack.callsOf("views.update").filter(({ view }) => /"80 credits at most/.test(String(view)))).toEqual(
      [],
    );
  });

  it("is shown although the form changed in between", async () => {
    const form = await openForm();
    house.slack.trouble("views.update", { error: "hash_conflict" });
    await ada.choose(form, { count: 4 });
    await house.slack.until(() => priceIn(form).includes("80 credits at most"));
  });

  it("says in its place why there is none", async () => {
    const form = await openForm();
    house.usecases.quoteBy(async () => {
      throw new Refusal("size-unknown", { size: "big" });
    });
    await ada.choose(form, { size: "2048x2048" });
    await house.slack.until(() => priceIn(form).includes("“big”"));
  });

  it("counts the images that the form was opened on", async () => {
    const seen: number[] = [];
    house.usecases.quoteBy(async (_draft, _caller, files) => {
      seen.push(files?.references ?? -1);
      return quote(1);
    });
    const files = ["a.png", "b.png"].map((name) => memberFile(house.origin, name));
    await ada.shortcutOn("edit", { channel: "C1", ts: "5.5", files });
    await house.slack.until(() => seen.length === 1);
    expect(seen).toEqual([2]);
  });

  it("is that of a change of the job that the form was opened on, by its button or from its message's menu", async () => {
    await ada.slash("/imagine", "a red bicycle");
    const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    const job = house.usecases.push("job1", { state: "delivered", images: [await house.image("one.png")] });
    const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
    const delivered = await house.platform.deliver({
      job,
      replyTarget: place,
      nonce: "job1",
      repeated: false,
      spoiler: false,
    });
    house.usecases.records.messages.set("job1", delivered.messages ?? []);
    const seen: unknown[] = [];
    house.usecases.quoteBy(async (_draft, _caller, files) => {
      seen.push(files);
      return quote(1);
    });
    await ada.press(message, "Edit");
    await house.slack.until(() => seen.length === 1);
    await ada.shortcutOn("edit", message);
    await house.slack.until(() => seen.length === 2);
    await ada.submit(house.slack.views[0] ?? expect.fail("no form"), { prompt: "make it blue" });
    expect(seen).toEqual([
      { references: 0, masked: false, of: { job: "job1", index: 0 } },
      { references: 0, masked: false, of: { job: "job1" } },
      { references: 0, masked: false, of: { job: "job1", index: 0 } },
    ]);
  });

  it("does not keep the form from being opened when the database does not answer", async () => {
    house.usecases.quoteBy(() => new Promise(() => undefined));
    await ada.slash("/imagine", "");
    await house.slack.until(() => house.slack.views[0]);
    await ada.slash("/imagine-credits", "");
    await house.slack.until(() => house.slack.whispers[0]);
  });

  it("keeps the form open with a refusal that belongs to no field", async () => {
    const form = await openForm();
    house.usecases.quoteBy(async () => {
      throw new Refusal("not-enough-credits", { needed: 20, available: 3, renewsAt: 0 });
    });
    const ack = await ada.submit(form, { prompt: "a cat" });
    expect(ack).toMatchObject({ errors: { prompt: expect.stringContaining("you have 3") } });
    expect(house.usecases.starts).toEqual([]);
  });
});
