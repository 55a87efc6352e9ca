import { expect, test } from "vitest";
import { textFor } from "../../src/text/text.ts";

const noir = { name: "noir", shared: true, references: 1, before: "film noir of" };
const defaults = [
  { name: "noir", channel: undefined },
  { name: "noir", channel: "123456789012345678" },
];

test.each(["en", "zh-CN"])(
  "in %s, the list names the default here, and the channel of another alone in a row",
  (locale) => {
    const { paragraphs, rows } = textFor(locale).styles.list([noir], defaults);
    expect(paragraphs[0]).toContain("noir");
    expect(paragraphs.join()).not.toContain("123456789012345678");
    expect(rows?.map(({ value }) => value)).toContain("123456789012345678");
    expect(rows?.at(-1)).toMatchObject({ label: "noir", value: expect.stringContaining("film noir of") });
  },
);
