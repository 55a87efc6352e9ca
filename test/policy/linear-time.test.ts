import { expect, test } from "vitest";
import { readWords } from "../../src/command/words-in-prompt.ts";
import { Refusal } from "../../src/errors.ts";
import { codeBlock, escaped as escapedForDiscord, withMentions } from "../../src/platforms/discord/markup.ts";
import type { SlackContext } from "../../src/platforms/slack/context.ts";
import type { SlackEvent } from "../../src/platforms/slack/event.ts";
import { readableWords } from "../../src/platforms/slack/events/names.ts";
import { readAlternatives } from "../../src/policy/alternatives.ts";
import { blockedWordIn } from "../../src/policy/blocked-words.ts";
import { checkRules } from "../../src/policy/check-rules.ts";
import { readDraft } from "../../src/policy/draft.ts";
import { normalise } from "../../src/policy/normalise.ts";
import { namesInPrompt, similarName } from "../../src/policy/reference-names.ts";
import { parseSize } from "../../src/request.ts";
import { clip } from "../../src/text/words.ts";

/** Texts of 100,000 characters: a function that takes the square of that runs into the time limit of its test. */
const kinds: readonly [string, string][] = [
  ["digits", "1"],
  ["letters", "a"],
  ["letters and digits in turns", "a1"],
  ["signs that pass for letters", "@$"],
  ["blanks", " "],
  ["line breaks", "\n"],
  ["blanks and line breaks", " \n\r"],
  ["marks in the wrong order", "\u0301\u0316"],
  ["letters with many marks", `a${"\u0316\u0301".repeat(99)}`],
  ["zero-width characters", "\u200b\u00ad"],
  ["Chinese", "漢字"],
  ["emoji", "👩‍👩‍👧‍👦"],
  ["halves of pairs", "\ud83d"],
  ["backticks", "`"],
  ["brackets that never close", "<@U1|"],
  ["links that never close", "<https://a"],
  ["colons", "a:"],
  ["list marks", "1.\n"],
  ["commas", "2k, "],
  ["dashes", "--s "],
  ["braces that never close", "{a,"],
  ["groups of alternatives", "{a, b} "],
  ["groups in groups", "{a,{b,{c,d}}}"],
  ["braces of one word", "{x}"],
  ["empty alternatives", "{,a} "],
  ["escaped braces", "a\\{ "],
  ["commas alone", "x,"],
  ["words behind an @", "@fxo "],
  ["signs of names alone", "@"],
];

const savedImages = new Map(Array.from({ length: 250 }, (_, n) => [`fox${n}`, n]));

const nobody = { name: async () => undefined, groupName: async () => undefined };
const slack = { members: nobody } as unknown as SlackContext;
const event = { team: "T1", locale: "en" } as SlackEvent;

const ways: readonly [string, (text: string) => unknown][] = [
  ["blocked words", (text) => blockedWordIn(`${text}!`, ["gore", "b1ood", "血", "a".repeat(100)])],
  ["a blocked word", (text) => refusedOr(() => checkRules({ blockedWords: [text] }, []))],
  ["the reader of drafts", (text) => refusedOr(() => readDraft({ prompt: text }))],
  ["the reader of sizes", parseSize],
  ["normal forms", (text) => normalise(text, "NFKD")],
  ["words in a prompt", readWords],
  ["Discord's escapes", escapedForDiscord],
  ["Discord's mentions", withMentions],
  ["Discord's code blocks", (text) => codeBlock(text, 1000)],
  ["Slack's markup", (text) => readableWords(slack, event, text, "U1")],
  ["alternatives", (text) => readAlternatives(text).first(40)],
  ["a choice before the text", (text) => readAlternatives(`{a, b, c, d} ${text}`).first(40)],
  ["names of saved images", (text) => namesInPrompt(text, savedImages, ["@fox @a", "@"])],
  ["names nearly those of saved images", (text) => similarName(text, savedImages)],
  ["clipping", (text) => clip(text, 100)],
];

function refusedOr(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

test.each(ways)("%s: 100,000 characters of any kind take linear time", async (_name, way) => {
  for (const [, unit] of kinds) {
    const text = unit.repeat(Math.ceil(100_000 / unit.length));
    for (const whole of [text, `word ${text}`, `${text}1a`]) await way(whole);
  }
});

test("a run of marks is cut to what a letter can carry, and put in order", () => {
  expect(normalise("e\u0301", "NFC")).toBe("é");
  expect([...normalise(`a${"\u0316".repeat(500)}`, "NFC")]).toHaveLength(31);
});

test("digits and signs in words still pass for letters", () => {
  for (const text of ["g0re", "a g00re", "b100d", "go4t"]) {
    expect(blockedWordIn(text, ["gore", "goore", "blood", "goat"])).toBeDefined();
  }
  expect(blockedWordIn("10 and 30", ["lo", "eo"])).toBeUndefined();
});
