import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { namedSection, withIds } from "../../../src/platforms/slack/messages/named.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Member } from "../../support/slack/member.ts";

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

const whisper = async () => JSON.stringify((await house.slack.until(() => house.slack.whispers[0])).blocks);

describe("whoever types a command may name", () => {
  it.each([
    ["a channel by markup", "rules --allow-channel <#C0123456|general>", "C0123456"],
    ["a channel by markup without a name", "rules --allow-channel <#C0123456>", "C0123456"],
    ["a channel by its id", "rules --allow-channel C0123456", "C0123456"],
    ["a channel by its id, first of all", "rules C0123456", "C0123456"],
    ["an old private channel", "rules --allow-channel G0123456", "G0123456"],
    ["a private channel by its address", "rules --allow-channel https://a.slack.com/archives/C0123456", "C0123456"],
    ["an address as Slack sends it", "rules --allow-channel <https://a.slack.com/archives/C0123456>", "C0123456"],
  ])("%s", async (_how, line, channel) => {
    await ada.slash("/imagine-admin", "", "C1", { text: line });
    await whisper();
    expect((await house.usecases.admin.rules({} as never)).channels).toEqual(channel ? [channel] : []);
  });

  it.each([
    ["<@U0123456|bob>", "slack:T1:U0123456"],
    ["U0123456", "slack:T1:U0123456"],
    ["W0123456", "slack:T1:W0123456"],
  ])("a member as %s", async (word, member) => {
    await ada.slash("/imagine-admin", "", "C1", { text: `grant ${word} 100` });
    await whisper();
    expect(house.usecases.records.admin.asked).toEqual([{ what: "grant", given: [member, 100] }]);
  });
});

it("shows members, groups and channels of the rules by name", async () => {
  await house.usecases.admin.changeRules(
    {
      channels: ["C0123456", "G0654321"],
      roles: ["slack:T1/group:S0123456"],
      blockedMembers: ["slack:T1:U0123456"],
      blockedWords: ["C0999999 is a word"],
    },
    {} as never,
  );
  await ada.slash("/imagine-admin", "rules");
  const shown = await whisper();
  for (const [type, id] of [
    ["channel", "C0123456"],
    ["channel", "G0654321"],
    ["usergroup", "S0123456"],
    ["user", "U0123456"],
  ]) {
    expect(shown).toContain(JSON.stringify({ type, [`${type}_id`]: id }));
  }
  expect(shown).toContain("C0999999 is a word");
  expect(shown).not.toContain("slack:T1");
});

it("names the channels in which images may be made, to whom it may not", async () => {
  house.usecases.failNext(new Refusal("channel-not-allowed", { channels: ["C0123456"] }));
  await ada.slash("/imagine", "a red bicycle");
  expect(await whisper()).toContain('{"type":"channel","channel_id":"C0123456"}');
});

it("names a member to whom credits were granted", async () => {
  await ada.slash("/imagine-admin", "grant {@U7} 100");
  expect(await whisper()).toContain('{"type":"user","user_id":"U7"}');
});

it("leaves text without keys as it is, and tells ids where nobody must be notified", () => {
  expect(namedSection("a *bold* slack:thing")).toMatchObject({ type: "section", text: { type: "plain_text" } });
  expect(withIds("for slack:T1:U7 in slack:channel:C1")).toBe("for U7 in C1");
});

it("makes no names of keys in a member's own words, where all can see them", async () => {
  await ada.slash("/imagine", "a portrait of slack:T1:U7");
  const seen = await house.slack.until(() => house.slack.messages.find(({ looks }) => looks.length > 1));
  expect(JSON.stringify(seen.blocks)).not.toContain('"user_id"');
});
