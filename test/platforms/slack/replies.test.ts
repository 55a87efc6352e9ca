import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Refusal } from "../../../src/errors.ts";
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
const whisperWith = (words: string) =>
  house.slack.until(() => house.slack.whispers.find((seen) => said(seen).includes(words)));

async function finished() {
  await ada.slash("/imagine", "a red bicycle");
  const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
  const job = house.usecases.push("job1", {
    state: "delivered",
    images: [await house.image("one.png")],
    charged: 5,
  });
  const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
  const delivered = await house.platform.deliver({
    job,
    replyTarget: place,
    nonce: "job1",
    repeated: false,
    spoiler: false,
  });
  house.usecases.records.messages.set("job1", delivered.messages ?? []);
  return message;
}

it("lists the history to the member alone, and shows a job's images again in a direct message", async () => {
  await finished();
  await ada.slash("/imagine-history", "");
  const list = await whisperWith("Your images");
  expect(said(list)).toContain("a red bicycle");
  await ada.press(list, "Show");
  const shown = await house.slack.until(() => house.slack.messagesIn("DU1")[0]);
  expect(shown.blocks.filter(({ type }) => type === "image")).toHaveLength(1);
  await whisperWith("direct message");
  expect([...house.slack.responseUrls.values()].filter(({ gone }) => gone)).toEqual([]); // the list stays
  await ada.press(list, "Again");
  await ada.press(list, "Again");
  await house.slack.until(() => house.usecases.starts.length === 3);
});

it("asks before it deletes, and takes every message of the job away", async () => {
  const message = await finished();
  const buttons = message.blocks.flatMap(({ type, elements }) => (type === "actions" ? (elements as Json[]) : []));
  expect(buttons.find(({ text }) => (text as Json).text === "Delete")?.confirm).toMatchObject({
    title: { text: "Delete this image?" },
  });
  await ada.press(message, "Delete");
  await house.slack.until(() => message.deleted);
  await house.slack.until(() => house.slack.whispers[0]);
});

it("asks for the price of what is dear to the member alone, once", async () => {
  const message = await finished();
  house.usecases.dear = 400;
  await ada.press(message, "Again");
  const question = await whisperWith("400");
  expect(house.usecases.starts).toHaveLength(1);
  await ada.press(question, "Yes, for at most 400 credits");
  await ada.press(question, "Yes, for at most 400 credits");
  await house.slack.until(() => house.usecases.starts.length === 3);
  const waiting = () => house.slack.messages.filter(({ deleted }) => !deleted);
  await house.slack.until(() => waiting().length === 2 || undefined);
  expect(new Set(house.usecases.starts.map(({ caller }) => caller.inbound)).size).toBe(2);
  expect([...house.slack.responseUrls.values()].some(({ gone }) => gone)).toBe(true);
});

it("gives everything that is kept as files below a direct message", async () => {
  const file = path.join(house.folder, "picture.png");
  writeFileSync(file, "\x89PNG and more", "latin1");
  const bytes = Buffer.byteLength("\x89PNG and more", "latin1");
  house.usecases.exportData = async () => ({
    document: ['{"jobs":', "[]}"],
    images: [{ name: "picture.png", path: file, bytes }],
  });
  await ada.slash("/imagine-privacy", "export");
  await house.slack.until(() => [...house.slack.files.values()].filter(({ shared }) => shared).length === 2);
  const [head] = house.slack.messagesIn("DU1");
  const files = [...house.slack.files.values()];
  expect(files.map(({ filename, shared }) => [filename, shared?.thread])).toEqual([
    ["atelier.json", head?.ts],
    ["picture.png", head?.ts],
  ]);
  expect(files[0]?.bytes?.toString()).toBe('{"jobs":[]}');
});

it("says so when Slack never shares the file", async () => {
  house.slack.filesNotReadyFor = 1000;
  await ada.slash("/imagine-privacy", "export");
  await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Slack lost the file")));
});

it("joins a public channel in which an image is asked for, and posts it there", async () => {
  await ada.slash("/imagine", "a red bicycle", "C2");
  const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
  expect(message.channel).toBe("C2");
  expect(said(message)).not.toContain("/invite");
});

it("sends a direct message that says how to invite it when it may not join", async () => {
  house.slack.scopes.delete("channels:join");
  await ada.slash("/imagine", "a red bicycle", "C2");
  const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
  expect(message.channel).toBe("DU1");
  expect(said(message)).toContain("<#C2>");
});

it("keeps out of the channel what the member always wants private", async () => {
  await house.usecases.changeSettings({ private: true }, { member: "slack:T1:U1" } as never);
  await ada.slash("/imagine", "a secret");
  await house.slack.until(() => house.slack.messagesIn("DU1").find((seen) => said(seen).includes("Cancel")));
  expect(house.slack.messages.filter(({ channel }) => channel === "C1")).toEqual([]);
});

it("tells nothing of the prompt in a channel before it is known that the job is not private", async () => {
  await ada.slash("/imagine", "a secret");
  const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
  expect(JSON.stringify(message.looks[0])).not.toContain("a secret");
});

it("says that the app may not read files when Slack gives its sign-in page in their place", async () => {
  house.slack.uploads.set("photo.png", Buffer.from("png"));
  house.slack.scopes.delete("files:read");
  house.usecases.failNext(new Refusal("image-format", { filename: "photo.png" }));
  await ada.direct("make it blue", { files: ["photo.png"] });
  await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("lacks the scope files:read")));
});

it("speaks the member's language", async () => {
  house.slack.members.set("U1", { locale: "zh-CN", admin: false, displayName: "阿达" });
  await ada.slash("/imagine", "help");
  const help = await house.slack.until(() => house.slack.whispers[0]);
  expect(said(help)).toContain("您自己的话");
  await ada.direct("一辆红色自行车");
  const started = await house.slack.until(() => house.usecases.starts[0]);
  expect(started.caller).toMatchObject({ locale: "zh-CN", name: "阿达" });
});

it("knows who manages the workspace, and in which groups a member is", async () => {
  house.slack.members.set("U1", { locale: "en-US", admin: true, displayName: "ada" });
  house.slack.groups.set("S0DESIGN", ["U1"]);
  await ada.slash("/imagine", "a red bicycle");
  const { caller } = await house.slack.until(() => house.usecases.starts[0]);
  expect(caller).toMatchObject({ rights: "admin", roles: ["slack:T1/group:S0DESIGN"] });
  await house.member({ id: "U2" }).slash("/imagine", "a red bicycle");
  const other = await house.slack.until(() => house.usecases.starts[1]);
  expect(other.caller.rights).toBeUndefined();
});

it("takes the usual options of a workspace by /imagine-admin rules", async () => {
  house.slack.members.set("U1", { locale: "en-US", admin: true, displayName: "ada" });
  await ada.slash("/imagine-admin", "rules --background transparent --compression 80 --fidelity high");
  const answer = await house.slack.until(() => house.slack.whispers[0]);
  expect(said(answer)).toContain("background transparent, compression 80, fidelity high");
  const rules = await house.usecases.admin.rules(undefined as never);
  expect(rules.defaults).toEqual({ background: "transparent", compression: 80, fidelity: "high" });
});

it("runs a command of a group over what is named behind it, and lists the group when none is", async () => {
  await ada.slash("/imagine-admin", "grant {@U7} 100");
  await house.slack.until(() => house.usecases.records.admin.asked[0]);
  expect(house.usecases.records.admin.asked[0]).toEqual({ what: "grant", given: ["slack:T1:U7", 100] });
  await ada.slash("/imagine-admin", "");
  await whisperWith("/imagine-admin allowance");
});

it("opens the form of a group's command that needs more", async () => {
  await ada.slash("/imagine-admin", "grant");
  const form = await house.slack.until(() => house.slack.views[0]);
  await ada.submit(form, { member: "U7", amount: 5 });
  await house.slack.until(() => house.usecases.records.admin.asked[0]);
  expect(house.usecases.records.admin.asked[0]?.given).toEqual(["slack:T1:U7", 5]);
});
