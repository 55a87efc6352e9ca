import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memberFile } from "../../support/slack/files.ts";
import type { Json, SlackMessage } from "../../support/slack/state.ts";

let house: SlackHouse;
const oauth = {
  clientId: "1.2",
  clientSecret: "client-secret",
  stateSecret: "a-secret-of-my-own",
  publicUrl: "https://atelier.example",
};
const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);
const startedAt = (index: number) => house.slack.until(() => house.usecases.starts[index]);

afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

/** Somebody of another organisation, in a channel that both share; the app is installed in T1 only. */
const stranger = () => house.member({ id: "U9", name: "bob", team: "T9" });
const shared = { team_id: "T9", is_ext_shared_channel: true };
const forT1 = { ...shared, authorizations: [{ enterprise_id: null, team_id: "T1", user_id: "UBOT", is_bot: true }] };

/** Members of both organisations are one account each in the one workspace that has the app. */
function itWorks() {
  const account = { tenant: "slack:T1", member: "slack:T1:U9", channel: "C1" };

  it("answers a mention, whose envelope names the other organisation", async () => {
    await stranger().mention("a lighthouse", { channel: "C1" }, forT1);
    expect((await startedAt(0)).caller).toMatchObject(account);
    expect(await house.slack.until(() => house.slack.messagesIn("C1")[0])).toBeDefined();
  });

  it("goes by the context where an event names no installation", async () => {
    await stranger().mention(
      "a lighthouse",
      { channel: "C1" },
      { ...shared, context_team_id: "T1", authorizations: null },
    );
    expect((await startedAt(0)).caller).toMatchObject(account);
  });

  it("answers a button on its message", async () => {
    const message = await waiting();
    await stranger().press(message, "Cancel", { message: ours(message) });
    await house.slack.until(() => said(message).includes("Cancelled"));
  });

  it("answers a shortcut and its form, and a button on what only the member sees", async () => {
    await stranger().mention("a lighthouse", { channel: "C1" }, forT1);
    await startedAt(0);
    house.slack.uploads.set("photo.png", Buffer.from("png"));
    await stranger().shortcutOn("edit", { channel: "C1", ts: "5.5", files: [memberFile(house.origin, "photo.png")] });
    const form = await house.slack.until(() => house.slack.views[0]);
    expect(await stranger().submit(form, { prompt: "a red bicycle" })).toEqual({});
    expect((await startedAt(1)).caller).toMatchObject({ tenant: "slack:T1", member: "slack:T1:U9" });
    house.usecases.dear = 500;
    await stranger().mention("a dear lighthouse", { channel: "C1" }, forT1);
    const question = await house.slack.until(() => house.slack.whispers.at(-1));
    const [label = ""] = JSON.stringify(question.blocks).match(/Make it[^"]*|Yes[^"]*/) ?? [];
    await stranger().press(question, label);
    expect((await startedAt(2)).caller).toMatchObject(account);
  });
}

async function waiting(): Promise<SlackMessage> {
  await stranger().mention("a lighthouse", { channel: "C1" }, forT1);
  return house.slack.until(() => house.slack.messagesIn("C1").find((seen) => said(seen).includes("Cancel")));
}

const ours = ({ ts, text }: SlackMessage) => ({
  type: "message",
  ts,
  text,
  app_id: "A1",
  team: "T1",
  bot_profile: { app_id: "A1", team_id: "T1" },
});

describe("A channel shared with another organisation, in the one workspace", () => {
  beforeEach(async () => {
    house = await slackHouse();
  });
  itWorks();

  it("takes nothing that another installation of the app is told", async () => {
    const elsewhere = { authorizations: [{ enterprise_id: null, team_id: "T9", user_id: "UBOT", is_bot: true }] };
    await stranger().mention("a lighthouse", { channel: "C9" }, elsewhere);
    await house.member().mention("a red bicycle", { channel: "C1" });
    await startedAt(0);
    expect(house.usecases.starts.map(({ draft }) => draft.prompt)).toEqual(["a red bicycle"]);
  });

  it.each([
    ["app_uninstalled", {}],
    ["tokens_revoked", { tokens: { bot: ["UBOT"], oauth: [] } }],
    ["tokens_revoked", { tokens: { bot: ["UBOT"] } }],
  ])("is not switched off by %s of another workspace", async (type, more) => {
    await house.tell({ type, ...more }, "T9");
    await house.member().mention("a red bicycle", { channel: "C1" });
    await startedAt(0);
    expect(house.platform.ready()).toBe(true);
    expect(house.usecases.records.gone).toEqual([]);
  });

  it("is switched off by its own", async () => {
    await house.tell({ type: "app_uninstalled" });
    await house.slack.until(() => house.usecases.records.gone[0]);
    expect(house.platform.ready()).toBe(false);
  });
});

describe("A channel shared with another organisation, among many workspaces", () => {
  beforeEach(async () => {
    house = await slackHouse("http", { botToken: undefined, oauth });
    await install("T1");
  });
  itWorks();
});

async function install(place: string) {
  const begun = await fetch(`${house.pagesUrl}install`, { redirect: "manual" });
  const asked = new URL(begun.headers.get("location") ?? "");
  const back = new URL(`${house.pagesUrl}oauth_redirect`);
  back.searchParams.set("code", `code-of-${place}`);
  back.searchParams.set("state", asked.searchParams.get("state") ?? "");
  const cookie = (begun.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return fetch(back, { headers: { cookie } });
}

describe("The one token of a whole organisation", () => {
  beforeEach(async () => {
    house = await slackHouse();
    Object.assign(house.slack.identity, { team_id: "E1", enterprise_id: "E1", is_enterprise_install: true });
  });

  it("serves each workspace by itself, and is switched off by the organisation only", async () => {
    const other = house.another();
    await house.platform.stop();
    await other.start();
    for (const team of ["T5", "T6"]) {
      const authorizations = [{ enterprise_id: "E1", team_id: team, is_bot: true, is_enterprise_install: true }];
      await house.member({ team }).mention("a lighthouse", { channel: "C1" }, { authorizations });
    }
    await startedAt(1);
    expect(house.usecases.starts.map(({ caller }) => caller.member).sort()).toEqual(["slack:T5:U1", "slack:T6:U1"]);
    await house.tell({ type: "app_uninstalled" }, "T9", { enterprise_id: "E9" });
    await house.tell({ type: "app_uninstalled" }, "", { enterprise_id: "E1" });
    await house.slack.until(() => house.usecases.records.gone.length === 2);
    expect([...house.usecases.records.gone].sort()).toEqual(["slack:T5", "slack:T6"]);
    await other.stop();
  });
});

describe("An app installed for a whole organisation", () => {
  beforeEach(async () => {
    house = await slackHouse("http", { botToken: undefined, oauth });
    expect((await install("E1")).status).toBe(200);
  });

  const within = (team: string) => ({
    authorizations: [
      { enterprise_id: "E1", team_id: team, user_id: "UBOT", is_bot: true, is_enterprise_install: true },
    ],
  });
  const pressedIn = { team: null, enterprise: { id: "E1", name: "all" }, is_enterprise_install: true };

  it("serves each workspace by itself, also where Slack tells no team", async () => {
    await house.member({ team: "T5" }).mention("a lighthouse", { channel: "C1" }, within("T5"));
    await house.member({ team: "T6" }).mention("a lighthouse", { channel: "C1" }, within("T6"));
    await startedAt(1);
    expect(house.usecases.starts.map(({ caller }) => caller.member).sort()).toEqual(["slack:T5:U1", "slack:T6:U1"]);
    const message = await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    await house.member({ team: "T5" }).press(message, "Cancel", pressedIn);
    await house.slack.until(() => house.slack.whispers[0]);
  });

  it("delivers in a process that never saw an event, and is gone from every workspace when it is removed", async () => {
    await house.member({ team: "T5" }).mention("a lighthouse", { channel: "C1" }, within("T5"));
    await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    const job = house.usecases.push("job1", { state: "failed", failure: { outcome: "failed", reference: "r1" } });
    const replyTarget = house.usecases.starts[0]?.caller.replyTarget ?? "";
    const worker = house.another();
    const delivery = { job, replyTarget, nonce: "job1", repeated: false, spoiler: false };
    expect(await worker.deliver(delivery)).toMatchObject({ route: "channel" });
    house.context.world.advance(60_000);
    await house.tell({ type: "app_uninstalled" }, "", { enterprise_id: "E1" });
    await house.slack.until(() => house.usecases.records.gone[0]);
    expect(house.usecases.records.gone).toEqual(["slack:T5"]);
    expect(house.context.installations.kept.size).toBe(0);
  });
});
