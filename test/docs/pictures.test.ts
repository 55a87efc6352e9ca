import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const shown = globSync("docs/*.md").flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(/!\[([^\]]*)\]\((pictures\/[^)]+)\)/g)].map(([, alt = "", file = ""]) => ({
    page,
    alt,
    file: path.join("docs", file),
  })),
);

test("every picture is on a page, and small", () => {
  const files = globSync("docs/pictures/*");
  expect(files.sort()).toEqual([...new Set(shown.map(({ file }) => file))].sort());
  expect(files.filter((file) => statSync(file).size > 250_000)).toEqual([]);
});

test.each(["docs/discord.md", "docs/slack.md", "docs/members.md", "docs/members.zh-CN.md"])(
  "%s has pictures",
  (page) => {
    expect(shown.filter((picture) => picture.page === page)).not.toEqual([]);
  },
);

test.each(shown)("$file says on $page that it is drawn", ({ alt }) => {
  expect(alt).toMatch(/Drawn from the bot's own \w+\.$|依机器人自己的(消息|页面)绘制。$/);
});
