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

const homeWith = (words: string) =>
  house.slack.until(() => JSON.stringify(house.slack.homes.get("U1") ?? "").includes(words));
const imagesAtHome = () =>
  ((house.slack.homes.get("U1")?.blocks ?? []) as Json[]).filter(({ type }) => type === "image");

async function waitingJob() {
  await ada.slash("/imagine", "a red bicycle");
  return house.slack.until(() => house.slack.messages.find(({ looks }) => looks.length > 1));
}

async function deliverIt() {
  const images = [await house.image("one.png")];
  const job = house.usecases.push("job1", { state: "delivered", images, charged: 5 });
  const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
  await house.platform.deliver({ job, replyTarget: place, nonce: "job1", repeated: false, spoiler: false });
}

it("shows credits, what is under way, and what is used where nothing is said", async () => {
  await waitingJob();
  await ada.openHome();
  await homeWith("*640 credits* available");
  await homeWith("a red bicycle");
  await homeWith("Waiting: next in the queue");
  await homeWith('"home:quality"');
});

it.each([
  ["a service rests", { reason: "service", until: Date.UTC(2026, 10, 29, 12) }, "has trouble", "2026-11-29 12:00"],
  ["images are paused", { reason: "paused" }, "images are paused", "paused"],
] as const)("says in the message and at home why a job waits while %s", async (_why, waiting, title, line) => {
  const message = await waitingJob();
  house.usecases.push("job1", { waiting });
  await house.slack.until(() => JSON.stringify(message.blocks).includes(title));
  expect(JSON.stringify(message.blocks)).toContain(line);
  await ada.openHome();
  await homeWith(title);
  await homeWith(line);
});

it("follows the member's jobs while it is looked at", async () => {
  await waitingJob();
  await ada.openHome();
  await homeWith("Waiting: next in the queue");
  await deliverIt();
  await homeWith("Nothing is under way");
  await house.slack.until(() => imagesAtHome().length === 1);
});

it("is not shown to members who never looked at it", async () => {
  await waitingJob();
  await deliverIt();
  await ada.slash("/imagine-credits", "");
  await house.slack.until(() => house.slack.whispers[0]);
  expect(house.slack.callsOf("views.publish")).toEqual([]);
});

it("cancels a job by its button there", async () => {
  const message = await waitingJob();
  await ada.openHome();
  await homeWith("Waiting: next in the queue");
  await ada.pressHome("Cancel");
  await house.slack.until(() => JSON.stringify(message.blocks).includes("*Cancelled*"));
  await homeWith("Nothing is under way");
});

it("keeps what is chosen there, and takes it back", async () => {
  await ada.openHome();
  await homeWith('"home:quality"');
  await ada.chooseHome("home:quality", "high");
  const caller = { member: "slack:T1:U1" } as never;
  await house.slack.until(() =>
    JSON.stringify(house.slack.homes.get("U1")).includes('"initial_option":{"text":{"type":"plain_text","text":"high'),
  );
  expect(await house.usecases.settings(caller)).toEqual({ quality: "high" });
  await ada.chooseHome("home:count", "3");
  await ada.chooseHome("home:private", "yes");
  await house.slack.until(() => house.slack.callsOf("views.publish").length >= 4);
  expect(await house.usecases.settings(caller)).toEqual({ quality: "high", count: 3, private: true });
  await ada.chooseHome("home:quality", "-");
  await house.slack.until(() => house.slack.callsOf("views.publish").length >= 5);
  expect((await house.usecases.settings(caller)).quality).toBeUndefined();
});

it("opens the form, which asks where to post, and sends the history directly", async () => {
  await ada.openHome();
  await homeWith("Create image");
  await ada.pressHome("Create image");
  const form = await house.slack.until(() => house.slack.views[0]);
  expect(JSON.stringify(form.view.blocks)).toContain('".where"');
  await ada.pressHome("All images");
  await house.slack.until(() => house.slack.messagesIn("DU1")[0]);
});

it("shows usage to those who manage the workspace, and to nobody else", async () => {
  await ada.openHome();
  await homeWith("640 credits");
  expect(JSON.stringify(house.slack.homes.get("U1"))).not.toContain("Usage here");
  house.slack.members.set("U2", { locale: "en-US", admin: true, displayName: "bob" });
  await house.member({ id: "U2" }).openHome();
  await house.slack.until(() => JSON.stringify(house.slack.homes.get("U2") ?? "").includes("Usage here in 30 days"));
});

it("says that it cannot be shown when nothing answers", async () => {
  house.usecases.credits = () => Promise.reject(new Error("the database is gone"));
  await ada.openHome();
  await homeWith("cannot be shown now");
});
