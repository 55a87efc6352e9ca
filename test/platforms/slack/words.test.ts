import { expect, it } from "vitest";
import { commands } from "../../../commands/index.ts";
import { readSlash } from "../../../src/platforms/slack/events/slash.ts";
import { messageKey, readMessageKey, threadKey } from "../../../src/platforms/slack/keys.ts";

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
