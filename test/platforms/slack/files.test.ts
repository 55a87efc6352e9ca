import { afterEach, beforeEach, expect, it } from "vitest";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memberFile } from "../../support/slack/files.ts";
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
const whisper = () => house.slack.until(() => house.slack.whispers[0]);
const urlsAt = async (index: number) =>
  (await startedAt(index)).draft.images?.map(({ source }) => ("url" in source ? source.url : ""));
const file = (name: string, change: Json = {}): Json => ({ ...memberFile(house.origin, name), ...change });
const addressed = (name: string) => `${house.origin}/files/${name}`;

/** Messages that hold one image, each in another way; Slack names it `one.png`. */
const holders: readonly (readonly [string, () => Json])[] = [
  ["a forwarded message", () => ({ attachments: [{ is_share: true, files: [file("one.png")] }] })],
  ["a message forwarded twice", () => ({ attachments: [{ attachments: [{ files: [file("one.png")] }] }] })],
  [
    "the blocks of a shared message",
    () => ({
      attachments: [
        {
          message_blocks: [{ message: { blocks: [{ type: "image", alt_text: "a", slack_file: { id: "one.png" } }] } }],
        },
      ],
    }),
  ],
  [
    "the files of a shared message",
    () => ({
      attachments: [{ message_blocks: [{ message: { files: [file("one.png")] } }], files: [file("one.png")] }],
    }),
  ],
  ["a preview", () => ({ attachments: [{ title: "one", image_url: addressed("one.png") }] })],
  ["its own blocks", () => ({ blocks: [{ type: "image", image_url: addressed("one.png"), alt_text: "one" }] })],
  [
    "the blocks of an attachment",
    () => ({ attachments: [{ blocks: [{ type: "image", image_url: addressed("one.png") }] }] }),
  ],
];

it.each(holders)("starts from the image that a mention holds in %s", async (_how, holder) => {
  house.slack.uploads.set("one.png", Buffer.from("png"));
  await ada.mention("make it blue", { channel: "C1", more: holder() });
  expect(await urlsAt(0)).toEqual([addressed("one.png")]);
});

it.each(holders)("edits the image in %s by the shortcut", async (_how, holder) => {
  house.slack.uploads.set("one.png", Buffer.from("png"));
  await ada.shortcutOn("edit", { channel: "C1", ts: "5.5", ...holder() });
  const form = await house.slack.until(() => house.slack.views[0]);
  await ada.submit(form, { prompt: "make it blue" });
  expect(await urlsAt(0)).toEqual([addressed("one.png")]);
});

it("gives the token to Slack's own addresses only", async () => {
  const blocks = [{ type: "image", image_url: "https://elsewhere.example/one.png", alt_text: "one" }];
  await ada.mention("make it blue", { channel: "C1", more: { blocks } });
  const [image] = (await startedAt(0)).draft.images ?? [];
  expect(image).toEqual({ filename: "one", source: { url: "https://elsewhere.example/one.png" } });
});

const noAddress = { url_private: undefined, url_private_download: undefined };

it.each([
  ["deleted", { mode: "tombstone", ...noAddress }, "has been deleted"],
  ["hidden by the plan", { mode: "hidden_by_limit", ...noAddress }, "too old"],
  ["kept outside of Slack", { mode: "external", is_external: true, external_type: "gdrive" }, "outside of Slack"],
  ["a drawing of Google", { is_external: true, url_private: "https://docs.google.com/drawings/1" }, "outside of Slack"],
  ["closed to the app", { file_access: "access_denied", ...noAddress }, "closed to me"],
  ["without any address", { id: undefined, ...noAddress }, "closed to me"],
])("says of a file that is %s which one and why, and starts nothing", async (_what, change, why) => {
  await ada.mention("make it blue", { channel: "C1", more: { files: [file("photo.png", change)] } });
  expect(said(await whisper())).toMatch(new RegExp(`photo.png.*${why}`));
  expect(house.usecases.starts).toEqual([]);
  expect(house.slack.messages).toEqual([]);
});

it.each([
  ["file_not_found", "has been deleted"],
  ["file_deleted", "has been deleted"],
  ["access_denied", "closed to me"],
  ["missing_scope", "files:read"],
])("says which file and why when Slack is asked for it and answers %s", async (error, why) => {
  house.slack.fileFacts.set("F9", { error });
  await ada.direct("make it blue", { more: { files: [{ id: "F9", file_access: "check_file_info" }] } });
  const answer = await house.slack.until(() => house.slack.messagesIn("DU1")[0]);
  expect(said(answer)).toMatch(new RegExp(`F9.*${why}`));
  expect(house.usecases.starts).toEqual([]);
});

it("asks Slack for a file from another organisation, and takes it", async () => {
  house.slack.fileFacts.set("F9", { name: "photo.png", file_access: "visible" });
  await ada.mention("make it blue", { channel: "C1", more: { files: [{ id: "F9", file_access: "check_file_info" }] } });
  expect(await urlsAt(0)).toEqual([addressed("F9")]);
});

it.each([
  ["a PDF", { name: "paper.pdf", mimetype: "application/pdf" }],
  ["a video", { name: "film.mp4", mimetype: "video/mp4" }],
  ["a PNG typed as anything", { name: "one.dat", mimetype: "application/octet-stream" }],
  ["an AVIF without a type", { name: "one.avif", mimetype: "" }],
  ["a snippet", { name: "notes.txt", mimetype: "text/plain", mode: "snippet" }],
  ["a canvas", { name: "Plans", mimetype: "application/vnd.slack-docs", mode: "quip" }],
])("hands over %s to be judged by its content, beside an image", async (_what, change) => {
  await ada.mention("make it blue", { channel: "C1", more: { files: [file("one.png"), file("F2", change)] } });
  const names = (await startedAt(0)).draft.images?.map(({ filename }) => filename);
  expect(names).toEqual(["one.png", change.name]);
});

it("edits what Slack calls an image, and names in the form what it leaves out", async () => {
  house.slack.uploads.set("one.png", Buffer.from("png"));
  const files = [file("one.png"), file("paper.pdf", { mimetype: "application/pdf" })];
  await ada.shortcutOn("edit", { channel: "C1", ts: "5.5", files });
  const form = await house.slack.until(() => house.slack.views[0]);
  expect(JSON.stringify(form.view.blocks)).toContain("not an image: paper.pdf");
  await ada.submit(form, { prompt: "make it blue" });
  expect(await urlsAt(0)).toEqual([addressed("one.png")]);
});

it("keeps the form open and says which file of it is not there", async () => {
  await ada.shortcut("imagine");
  const form = await house.slack.until(() => house.slack.views[0]);
  const gone = { id: "F9", name: "photo.png", mode: "tombstone" };
  const ack = await ada.submit(form, { prompt: "a cat", images: [gone] });
  expect(ack).toMatchObject({ response_action: "errors", errors: { images: expect.stringContaining("photo.png") } });
  expect(house.usecases.starts).toEqual([]);
});

it.each([
  ["deleted", { mode: "tombstone", mimetype: undefined, ...noAddress }, "has been deleted"],
  ["hidden by the plan", { mode: "hidden_by_limit", ...noAddress }, "too old"],
  ["kept outside of Slack", { is_external: true, mimetype: "application/vnd.google-apps.drawing" }, "outside of Slack"],
  ["closed to the app", { file_access: "access_denied", ...noAddress }, "closed to me"],
])("opens no form on a message whose only file is %s, and says why", async (_what, change, why) => {
  await ada.shortcutOn("edit", { channel: "C1", ts: "5.5", files: [file("photo.png", change)] });
  expect(said(await whisper())).toMatch(new RegExp(`photo.png.*${why}`));
  expect(house.slack.views).toEqual([]);
});

it("edits what can be opened, and names in the form what cannot", async () => {
  house.slack.uploads.set("one.png", Buffer.from("png"));
  const files = [file("one.png"), file("gone.png", { mode: "tombstone", ...noAddress })];
  await ada.shortcutOn("edit", { channel: "C1", ts: "5.5", files });
  const form = await house.slack.until(() => house.slack.views[0]);
  expect(JSON.stringify(form.view.blocks)).toContain("cannot open it: gone.png");
  await ada.submit(form, { prompt: "make it blue" });
  expect(await urlsAt(0)).toEqual([addressed("one.png")]);
});

it("says of a file that Slack does not find that the app may only not be where it is", async () => {
  house.slack.fileFacts.set("F9", { error: "file_not_found" });
  await ada.shortcutOn("edit", { channel: "G1", ts: "5.5", files: [file("F9")] });
  const form = await house.slack.until(() => house.slack.views[0]);
  await ada.submit(form, { prompt: "make it blue" });
  const answer = await house.slack.until(() => house.slack.messagesIn("DU1")[0]);
  expect(said(answer)).toContain("cannot see it where it is");
});
