import { expect, it } from "vitest";
import { commands } from "../../../commands/index.ts";
import { plainWords } from "../../../src/platforms/slack/asking/on-message.ts";
import { readSlash } from "../../../src/platforms/slack/asking/slash.ts";
import { messageKey, readMessageKey, threadKey } from "../../../src/platforms/slack/keys.ts";

it.each([
  ["<@UBOT> a cat", "a cat"],
  ["hey <@UBOT|atelier>, a cat", "hey , a cat"],
  ["draw <@U2> &amp; &lt;b&gt;", "draw <@U2> & <b>"],
  ["like <https://x.example/a|this one> in <#C1|general>", "like this one in #general"],
  ["see <https://x.example/a>", "see https://x.example/a"],
])("reads %s as it was typed", (text, words) => {
  expect(plainWords(text, "UBOT")).toBe(words);
});

it("finds the command behind a slash command, also in a group", () => {
  const named = (slash: string, text: string) => {
    const read = readSlash(commands, slash, text);
    return read && ("command" in read ? [read.command.name, read.line] : "group");
  };
  expect(named("/imagine", "grant me a wish")).toEqual(["imagine", "grant me a wish"]);
  expect(named("/imagine-credits", "")).toEqual(["credits", ""]);
  expect(named("/imagine-admin", "grant <@U7> 100")).toEqual(["admin-grant", "<@U7> 100"]);
  expect(named("/imagine-admin", "everything")).toBe("group");
  expect(named("/imagine-again", "")).toBeUndefined();
});

it("reads from a key which message it is, and from that of a thread none", () => {
  const spot = { channel: "C1", ts: "1.1" };
  expect(readMessageKey(messageKey("T1", spot))).toEqual({ team: "T1", spot });
  expect(readMessageKey(threadKey("T1", "C1", "1.1"))).toBeUndefined();
  expect(readMessageKey("discord:1:2:3")).toBeUndefined();
});
