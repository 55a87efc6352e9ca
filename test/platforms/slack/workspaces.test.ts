import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSlack } from "../../../src/platforms/slack/slack.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Json } from "../../support/slack/state.ts";

let house: SlackHouse;
const said = (seen: { blocks: readonly Json[] }) => JSON.stringify(seen.blocks);

afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

/** As a browser does: follows to Slack's page and back with the cookie. */
async function install(team: string, change: (back: URL) => void = () => undefined) {
  const begun = await fetch(`${house.pagesUrl}install`, { redirect: "manual" });
  const asked = new URL(begun.headers.get("location") ?? "");
  const back = new URL(`${house.pagesUrl}oauth_redirect`);
  back.searchParams.set("code", `code-of-${team}`);
  back.searchParams.set("state", asked.searchParams.get("state") ?? "");
  change(back);
  const cookie = (begun.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return { asked, answer: await fetch(back, { headers: { cookie } }) };
}

const oauth = {
  clientId: "1.2",
  clientSecret: "client-secret",
  stateSecret: "a-secret-of-my-own",
  publicUrl: "https://atelier.example",
};

describe.each(["socket", "http"] as const)("Many workspaces in Slack by %s", (mode) => {
  beforeEach(async () => {
    house = await slackHouse(mode, { botToken: undefined, oauth });
  });

  const tokenOf = (team: string) => [...house.slack.tokens].find(([, known]) => known === team)?.[0] ?? "";

  it("are installed by their members, each with its own token, kept sealed", async () => {
    const { asked, answer } = await install("T2");
    expect(asked.pathname).toBe("/oauth/v2/authorize");
    expect(asked.searchParams.get("scope")).toContain("files:write");
    expect(asked.searchParams.get("redirect_uri")).toBe("https://atelier.example/slack/oauth_redirect");
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("installed")]);
    const kept = [...house.context.installations.kept];
    expect(kept.map(([key]) => key)).toEqual(["slack:T2"]);
    expect(JSON.stringify(kept)).not.toContain("xoxb");
    await house.member({ team: "T2" }).slash("/imagine", "a red bicycle");
    await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    const posts = house.slack.calls.filter(({ method }) => method === "chat.postMessage");
    expect(posts.map(({ team }) => team)).toEqual(["T2"]);
    expect(house.usecases.starts[0]?.caller.tenant).toBe("slack:T2");
  });

  it("are not installed by a browser that did not begin it", async () => {
    const { answer } = await install("T2", (back) => back.searchParams.set("state", "forged"));
    expect(answer.status).toBe(400);
    const stranger = await fetch(`${house.pagesUrl}oauth_redirect?code=code-of-T2&state=x`);
    expect(stranger.status).toBe(400);
    expect(house.context.installations.kept.size).toBe(0);
  });

  it("are known to another process, and after a restart", async () => {
    await install("T2");
    const other = createSlack(house.options, house.context);
    await other.start();
    await other.check();
    await other.stop();
    house.slack.revoke(tokenOf("T2"), "account_inactive");
    await expect(house.platform.check()).rejects.toThrow("T2 (account_inactive)");
  });

  it("are paused and forgotten when they remove the app, whatever is told first and however often", async () => {
    await install("T2");
    house.context.world.advance(60_000);
    const gone = { type: "app_uninstalled" };
    const revoked = { type: "tokens_revoked", tokens: { bot: ["UBOT"], oauth: [] } };
    for (const event of [revoked, gone, gone]) await house.tell(event, "T2");
    await house.slack.until(() => house.usecases.records.gone[0]);
    await house.platform.stop();
    expect(house.usecases.records.gone).toEqual(["slack:T2"]);
    expect(house.context.installations.kept.size).toBe(0);
  });

  it("stay installed when an old word of their removal comes after a new installation", async () => {
    const before = { type: "app_uninstalled" };
    const earlier = house.slack.pace.now() - 60_000;
    await install("T2");
    house.slack.pace.now = () => earlier;
    await house.tell(before, "T2");
    await house.platform.stop();
    expect(house.usecases.records.gone).toEqual([]);
    expect(house.context.installations.kept.size).toBe(1);
  });

  it.each(["token_revoked", "account_inactive", "invalid_auth"])(
    "are paused without asking Slack again and again when a token is answered with %s",
    async (error) => {
      await install("T2");
      const ada = house.member({ team: "T2" });
      await ada.slash("/imagine", "a red bicycle");
      await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
      const job = house.usecases.push("job1", { state: "failed", failure: { outcome: "failed", reference: "r1" } });
      house.slack.revoke(tokenOf("T2"), error);
      const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
      const delivery = { job, replyTarget: place, nonce: "job1", repeated: false, spoiler: false };
      expect(await house.platform.deliver(delivery)).toEqual({ route: "none" });
      expect(house.usecases.records.gone).toEqual(["slack:T2"]);
      const calls = house.slack.calls.length;
      expect(await house.platform.deliver({ ...delivery, repeated: true })).toEqual({ route: "none" });
      expect(house.slack.calls.length).toBe(calls);
      expect(house.usecases.records.gone).toHaveLength(1);
    },
  );

  it("do not lose a new token because an old one no longer works", async () => {
    await install("T2");
    const stale = tokenOf("T2");
    const other = createSlack(house.options, house.context);
    await house.member({ team: "T2" }).slash("/imagine", "a red bicycle");
    await house.slack.until(() => house.slack.messages.find((seen) => said(seen).includes("Cancel")));
    const job = house.usecases.push("job1", { state: "failed", failure: { outcome: "failed", reference: "r1" } });
    const place = house.usecases.starts[0]?.caller.replyTarget ?? "";
    const delivery = { job, replyTarget: place, nonce: "job1", repeated: false, spoiler: false };
    await other.deliver(delivery);
    house.slack.revoke(stale);
    await install("T2");
    expect(await other.deliver(delivery)).toEqual({ route: "none" });
    expect(house.usecases.records.gone).toEqual([]);
    expect(await other.deliver(delivery)).toMatchObject({ route: "channel" });
  });
});

it("is no longer ready when the one workspace has removed the app, and asks Slack no more", async () => {
  house = await slackHouse();
  house.slack.revoke(house.slack.botToken);
  await house.member().slash("/imagine", "a red bicycle");
  await house.slack.until(() => house.usecases.records.gone[0]);
  expect(house.platform.ready()).toBe(false);
  const calls = house.slack.calls.length;
  await house.member().openHome();
  await house.platform.stop();
  expect(house.slack.calls.length).toBe(calls);
  expect(house.usecases.records.gone).toEqual(["slack:T1"]);
});
