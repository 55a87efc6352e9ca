import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memberFile } from "../../support/slack/files.ts";
import { type Member, member } from "../../support/slack/member.ts";
import { changedLine } from "../../support/slack/recorded.ts";
import type { Json } from "../../support/slack/state.ts";

let house: SlackHouse;
const oauth = {
  clientId: "1.2",
  clientSecret: "client-secret",
  stateSecret: "a-secret-of-my-own",
  publicUrl: "https://atelier.example",
};

/** As Slack sends what happens under the installation of a whole organisation. */
const enterprise = { id: "E1", name: "all" };
function asOrganisation(payload: Json, team: string): Json {
  const { authorizations, team: _, view, ...rest } = payload;
  const given = { enterprise_id: "E1", team_id: team, user_id: "UBOT", is_bot: true, is_enterprise_install: true };
  if (authorizations) return { ...rest, authorizations: [given] };
  if ("command" in rest) return { ...rest, enterprise_id: "E1", is_enterprise_install: "true" };
  const seen = view ? { view: { ...(view as Json), team_id: team, app_installed_team_id: "E1" } } : {};
  return { ...rest, ...seen, team: null, enterprise, is_enterprise_install: true };
}

/** The same person in one of the organisation's workspaces. */
function inWorkspace(team: string): Member {
  const line = changedLine(house.line, ({ kind, payload }) => ({ kind, payload: asOrganisation(payload, team) }));
  return member(house.slack, line, house.origin, { team });
}

/** Slack names a member's first workspace, wherever they act. */
function elsewhere(team: string): Member {
  const line = changedLine(house.line, ({ kind, payload }) => ({
    kind,
    payload: { ...asOrganisation(payload, team), user: { ...(payload.user as Json), team_id: "T5" } },
  }));
  return member(house.slack, line, house.origin, { team });
}

const startedAt = (index: number) => house.slack.until(() => house.usecases.starts[index]);
const callerAt = async (index: number) => (await startedAt(index)).caller;
const account = (team: string) => ({ tenant: `slack:${team}`, member: `slack:${team}:U1` });
const formAt = (index: number) => house.slack.until(() => house.slack.views[index]);
const homeOf = (team: string) =>
  house.slack.until(() => {
    const home = house.slack.homes.get("U1");
    return home?.private_metadata === JSON.stringify({ team }) ? home : undefined;
  });

async function byGivenToken() {
  house = await slackHouse();
  Object.assign(house.slack.identity, { team_id: "E1", enterprise_id: "E1", is_enterprise_install: true });
  await house.platform.stop();
  const again = house.another();
  Object.assign(house, { platform: again });
  await again.start();
}

async function byInstalling() {
  house = await slackHouse("http", { botToken: undefined, oauth });
  const begun = await fetch(`${house.pagesUrl}install`, { redirect: "manual" });
  const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
  const back = `${house.pagesUrl}oauth_redirect?code=code-of-E1&state=${state}`;
  const cookie = (begun.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  expect((await fetch(back, { headers: { cookie } })).status).toBe(200);
}

describe.each([
  ["one given token", byGivenToken],
  ["an installation", byInstalling],
])("An organisation with %s keeps its workspaces apart", (_how, begin) => {
  beforeEach(begin);
  afterEach(async () => {
    await house.close();
    expect(house.slack.violations).toEqual([]);
  });

  it("in slash commands", async () => {
    for (const team of ["T5", "T6"]) await inWorkspace(team).slash("/imagine", "a cat");
    const callers = [await callerAt(0), await callerAt(1)];
    expect(callers.map(({ member: key }) => key).sort()).toEqual(["slack:T5:U1", "slack:T6:U1"]);
    expect(new Set(callers.map(({ inbound }) => inbound)).size).toBe(2);
  });

  it("in mentions and direct messages", async () => {
    await inWorkspace("T5").mention("a cat", { channel: "C1" });
    expect(await callerAt(0)).toMatchObject(account("T5"));
    await inWorkspace("T6").mention("a cat", { channel: "C1" });
    expect(await callerAt(1)).toMatchObject(account("T6"));
    await inWorkspace("T6").direct("a cat");
    expect(await callerAt(2)).toMatchObject(account("T6"));
  });

  it("in conversations with the agent: a thread, its image and its Stop", async () => {
    await inWorkspace("T5").direct("a cat");
    const { thread } = JSON.parse((await callerAt(0)).replyTarget) as { thread: string };
    const stateIn = async (team: string) => (await house.usecases.job("job1", account(team) as never)).state;
    await inWorkspace("T6").stop(thread);
    await house.slack.until(() => house.slack.sessions.get(`DU1:${thread}`)?.looks.at(-1) === "active");
    expect(await stateIn("T5")).toBe("queued");
    await inWorkspace("T6").direct("make it blue", { thread });
    expect(await startedAt(1)).toMatchObject({ name: "imagine", caller: account("T6") });
    await inWorkspace("T5").stop(thread);
    await house.slack.until(() =>
      house.slack.messages.some(({ blocks }) => JSON.stringify(blocks).includes("Stopped")),
    );
    expect(await stateIn("T5")).toBe("cancelled");
    expect((await house.usecases.job("job2", account("T6") as never)).state).toBe("queued");
  });

  it("in shortcuts and their forms", async () => {
    for (const [index, team] of ["T5", "T6"].entries()) {
      await inWorkspace(team).shortcut("imagine");
      await inWorkspace(team).submit(await formAt(index), { prompt: "a cat" });
      expect(await callerAt(index)).toMatchObject(account(team));
    }
    house.slack.uploads.set("photo.png", Buffer.from("png"));
    await inWorkspace("T6").shortcutOn("edit", {
      channel: "C1",
      ts: "5.5",
      files: [memberFile(house.origin, "photo.png")],
    });
    await inWorkspace("T6").submit(await formAt(2), { prompt: "in oil" });
    expect(await callerAt(2)).toMatchObject(account("T6"));
  });

  it("in a form that was opened there, whatever Slack says of the member when it is sent", async () => {
    await inWorkspace("T6").slash("/imagine", "");
    await elsewhere("T6").submit(await formAt(0), { prompt: "a cat" });
    expect(await callerAt(0)).toMatchObject(account("T6"));
  });

  it("at home: what is shown, what is pressed and what is chosen there", async () => {
    await inWorkspace("T5").openHome();
    await homeOf("T5");
    await inWorkspace("T6").openHome();
    await homeOf("T6");
    await elsewhere("T6").chooseHome("home:quality", "high");
    const settingsIn = (team: string) => house.usecases.settings(account(team) as never);
    await house.slack.until(() => house.slack.callsOf("views.publish").length >= 3);
    expect(await settingsIn("T5")).toEqual({});
    expect(await settingsIn("T6")).toEqual({ quality: "high" });
    await elsewhere("T6").pressHome("Create image");
    await elsewhere("T6").submit(await formAt(0), { prompt: "a cat" });
    expect(await callerAt(0)).toMatchObject(account("T6"));
  });

  it("at home, which shows no job of another workspace than the member looks at", async () => {
    await inWorkspace("T5").openHome();
    await homeOf("T5");
    await inWorkspace("T6").openHome();
    await homeOf("T6");
    await inWorkspace("T5").slash("/imagine", "a cat");
    await house.slack.until(() => house.slack.messages.find(({ looks }) => looks.length > 1));
    await inWorkspace("T6").slash("/imagine", "a dog");
    await house.slack.until(() => house.slack.callsOf("views.publish").length > 2);
    await house.platform.stop();
    const shown = house.slack.callsOf("views.publish").map(({ view }) => JSON.parse(String(view)).private_metadata);
    expect(shown.slice(1).every((metadata) => metadata === '{"team":"T6"}')).toBe(true);
  });

  it("in rights: who manages one workspace manages no other, but who manages the organisation does", async () => {
    const teams = ["T5", "T6"];
    const more = { team_id: "T5", enterprise_user: { enterprise_id: "E1", teams } };
    house.slack.members.set("U1", { locale: "en", admin: true, displayName: "ada", more });
    const asIn = async (index: number, team: string) => {
      await inWorkspace(team).slash("/imagine", "a cat");
      return (await callerAt(index)).rights;
    };
    expect(await asIn(0, "T5")).toBe("admin");
    expect(await asIn(1, "T6")).toBeUndefined();
    house.context.world.advance(120_000);
    const chief = { ...more.enterprise_user, is_admin: true };
    house.slack.members.set("U1", {
      locale: "en",
      admin: false,
      displayName: "ada",
      more: { ...more, enterprise_user: chief },
    });
    expect(await asIn(2, "T6")).toBe("admin");
  });

  it("in user groups, which Slack is asked for by workspace", async () => {
    house.slack.groups.set("S1", ["U1"]);
    await inWorkspace("T5").slash("/imagine", "a cat");
    await inWorkspace("T6").slash("/imagine", "a cat");
    await startedAt(1);
    expect(house.usecases.starts.map(({ caller }) => caller.roles?.[0]).sort()).toEqual([
      "slack:T5/group:S1",
      "slack:T6/group:S1",
    ]);
    expect(
      house.slack
        .callsOf("usergroups.list")
        .map(({ team_id }) => team_id)
        .sort(),
    ).toEqual(["T5", "T6"]);
  });
});
