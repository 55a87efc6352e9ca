import { afterEach, beforeEach, expect, it } from "vitest";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";

let house: SlackHouse;

beforeEach(async () => {
  house = await slackHouse();
  house.slack.members.set("U2", { locale: "en", admin: false, displayName: "grace" });
  house.slack.members.set("U3", { locale: "en", admin: false, displayName: "2k x9" });
  house.slack.groups.set("S1", []);
});
afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

it.each([
  ["draw <@U2> and a cat", "draw @grace and a cat"],
  ["draw <@U2|gracie>", "draw @gracie"],
  ["<!subteam^S1> at work", "@handle-of-S1 at work"],
  ["<!subteam^S9|@design> at work", "@design at work"],
  ["<!subteam^S9> at work", "@someone at work"],
  ["the mood of <#C1|general>", "the mood of #general"],
  ["the mood of <#C7>", "the mood of #channel"],
  ["the mood of <#C7|>", "the mood of #channel"],
  ["wake <!here> and <!channel|@channel>", "wake @here and @channel"],
  ["on <!date^1392734382^{date_short}|Feb 18, 2014>", "on Feb 18, 2014"],
  ["a phone that says <tel:+431234|+43 1234>", "a phone that says +43 1234"],
  ["a phone that says <tel:+431234>", "a phone that says +431234"],
  ["like <https://x.example/a?b=1&amp;c=2|this &amp; that>", "like this & that"],
  ["see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"],
  ["write to <mailto:a@x.example|a@x.example>", "write to a@x.example"],
  ["a &lt;b&gt; &amp; &amp;lt; c", "a <b> & &lt; c"],
])("reads %s as its author sees it", async (text, prompt) => {
  await house.member().mention("", { channel: "C1", more: { text: `<@UBOT> ${text}` } });
  const started = await house.slack.until(() => house.usecases.starts[0]);
  expect(started.draft.prompt).toBe(prompt);
});

it("takes no name for an option", async () => {
  await house.member().mention("", { channel: "C1", more: { text: "<@UBOT> a portrait of <@U3>" } });
  const { draft } = await house.slack.until(() => house.usecases.starts[0]);
  expect(draft).toMatchObject({ prompt: "a portrait of @2k x9", plainWords: ["@2k x9"] });
  expect([draft.count, draft.size]).toEqual([undefined, undefined]);
});

it("shows an image service no id of whom Slack does not tell", async () => {
  house.slack.scopes.delete("users:read");
  await house.member().mention("", { channel: "C1", more: { text: "draw <@U2>, <@UBOT>" } });
  expect((await house.slack.until(() => house.usecases.starts[0])).draft.prompt).toBe("draw @someone,");
});

const emoji = (...elements: object[]) => [
  {
    type: "rich_text",
    elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "a" }, ...elements] }],
  },
];
const one = (name: string, more: object = {}) => ({ type: "emoji", name, ...more });
const cat = one("cat", { unicode: "1f431" });

it.each([
  [":cat: on a roof", emoji(cat), "\u{1f431} on a roof"],
  ["wave :wave::skin-tone-2:", emoji(one("wave", { unicode: "1f44b-1f3fb", skin_tone: 2 })), "wave \u{1f44b}\u{1f3fb}"],
  ["wave :wave::skin-tone-2:", emoji(one("wave::skin-tone-2", { unicode: "1f44b-1f3fb" })), "wave \u{1f44b}\u{1f3fb}"],
  ["a :party_parrot: dances", emoji(one("party_parrot")), "a party parrot dances"],
  ["a dance at :16x9:", emoji(one("16x9")), "a dance at 16x9"],
  ["a :cat: in a list", emoji({ type: "rich_text_list", elements: [cat] }), "a \u{1f431} in a list"],
  ["a sign that says :cat:", emoji(), "a sign that says :cat:"],
  ["a clock at 12:30:45", emoji(cat), "a clock at 12:30:45"],
  ["a :cat: of nonsense", emoji(one("cat", { unicode: "ffffff" })), "a cat of nonsense"],
  ["a :cat: without a code", emoji(one("cat", { unicode: "no code" })), "a cat without a code"],
])("reads the emoji of %s as its author sees them", async (text, blocks, prompt) => {
  await house.member().direct(text, { more: { blocks } });
  const { draft } = await house.slack.until(() => house.usecases.starts[0]);
  expect([draft.prompt, draft.size]).toEqual([prompt, undefined]);
});

it("asks for the name of a member behind many emoji", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `e${index}`);
  const text = `${names.map((name) => `:${name}:`).join(" ")} <@U2>`;
  await house.member().direct("", { more: { text, blocks: emoji(...names.map((name) => one(name))) } });
  const { draft } = await house.slack.until(() => house.usecases.starts[0]);
  expect(draft.prompt).toBe(`${names.join(" ")} @grace`);
});
