import { expect, test } from "vitest";
import { parseCustomId } from "../../../src/platforms/discord/custom-id.ts";
import { codeBlock, escaped, withMentions } from "../../../src/platforms/discord/markup.ts";
import { readableWords } from "../../../src/platforms/discord/names.ts";
import { readMessageKey } from "../../../src/platforms/discord/reply-target.ts";
import type { DiscordApi } from "../../../src/platforms/discord/rest/api.ts";
import { textFor } from "../../../src/text/text.ts";
import { memoryCache } from "../../support/world.ts";
import { finishedJob } from "./finished.ts";
import { openRoom } from "./test-platform.ts";

const hostile = [
  "@everyone and @here",
  "<@&1> <@1> <#1> <t:1> </imagine:1>",
  "**bold** _it_ ~~gone~~ ||spoiler|| `code` # title\n> quote\n- list",
  "[click](https://evil.example) https://evil.example discord.gg/x",
  "``` out of the block ```",
  "````````",
  "\u202eesrever\u2066 \u0000\u0007",
  "🚲🚲👩‍👩‍👧‍👦",
  "x".repeat(6000),
  "`".repeat(3000),
];

test.each(hostile.map((prompt) => [prompt.slice(0, 40), prompt]))(
  "shows a prompt harmlessly in the channel: %s",
  async (_, prompt) => {
    const room = await openRoom();
    const { delivery } = await finishedJob(room, { values: { prompt } });
    await room.bot.deliver(delivery);
    const [message] = room.discord.messages(room.discord.general);
    expect(message?.content.length).toBeLessThanOrEqual(2000);
    expect(message?.content.match(/```/g)).toHaveLength(2);
    const outside = message?.content.replace(/```\n[\s\S]*\n```/, "") ?? "";
    expect(outside).toMatch(/^<@\d+>\n\n-# 1 image · /);
    expect(message?.attachments[0]?.filename).toBe("job1-1.png");
    expect(room.discord.violations).toEqual([]);
  },
);

test("shows emoji whole, even where a long prompt is cut", () => {
  expect(codeBlock("🚲".repeat(40), 20)).toBe(`\`\`\`\n${"🚲".repeat(9)}…\n\`\`\``);
});

test("escapes everything that Discord would turn into something else", () => {
  expect(escaped("**a** <@1> @here #x `y` ||z|| [l](u) https://e.x <:a:1> ~~s~~")).toBe(
    "\\*\\*a\\*\\* \\<\\@1\\> \\@here \\#x \\`y\\` \\|\\|z\\|\\| \\[l\\](u) https\\://e.x \\<\\:a:1\\> \\~\\~s\\~\\~",
  );
  expect(escaped("- one\n1. two\n+ three\n-250")).toBe("\\- one\n1\\. two\n\\+ three\n-250");
  expect(escaped("2026-11-20 14:00 UTC: 2K 16:9, 3.5")).toBe("2026-11-20 14:00 UTC: 2K 16:9, 3.5");
});

const kinds = [
  "a",
  " ",
  "\n",
  ":",
  "a:",
  ":a",
  "1",
  "1.",
  "- ",
  "\n ",
  "`",
  "``",
  "*",
  "<@",
  "<@1",
  "<:a:",
  "<t:",
  "</a",
  "discord:",
];
const ids = ["123456789012345678, ", "discord:guild:123456789012345678/", "\u202e", "<#123456789012345678>", "😀"];

test.each([...kinds, ...ids])("reads and writes a hundred thousand characters of %j at once", async (part) => {
  const long = part.repeat(Math.ceil(100_000 / part.length));
  expect(escaped(long).length).toBeGreaterThanOrEqual(0);
  expect(withMentions(long).length).toBeGreaterThanOrEqual(0);
  expect(codeBlock(long, 900).length).toBeLessThan(1000);
  expect(parseCustomId(long)).toBeUndefined();
  expect(readMessageKey(long)).toBeUndefined();
  const named = await readableWords(long, { guild: "1", text: textFor("en") }, { api: nobody, cache: memoryCache() });
  expect(named).not.toContain("<#123456789012345678>");
});

/** A Discord that tells nothing. */
const nobody = { channel: refused, user: refused, roles: refused } as unknown as DiscordApi;
async function refused(): Promise<never> {
  throw new Error("not told");
}
