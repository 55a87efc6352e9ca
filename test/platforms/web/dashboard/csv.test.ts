import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "../../../../src/platforms/web/dashboard/csv.ts";

test.each([
  ["plain", "plain"],
  ["a, b", '"a, b"'],
  ['say "hello"', '"say ""hello"""'],
  ["two\nlines", '"two\nlines"'],
  ["two\r\nlines", '"two\r\nlines"'],
  ["", ""],
  [undefined, ""],
  [0, "0"],
  [-5, "-5"],
  [true, "true"],
])("writes %j as RFC 4180 says", (cell, written) => {
  expect(csvLine([cell, "end"])).toBe(`${written},end\r\n`);
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", '=HYPERLINK("http://evil.example")'])(
  "lets no spreadsheet run %j",
  (cell) => {
    expect(csvLine([cell]).replace(/^"/, "")).toMatch(/^'/);
  },
);

test("loses nothing of any text", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 2 }), (cells) => {
      const read = parse(csvLine(cells));
      expect(read.map((cell, index) => (cell === `'${cells[index]}` ? cells[index] : cell))).toEqual(cells);
    }),
  );
});

/** A reader of one RFC 4180 record. */
function parse(line: string): string[] {
  const cells: string[] = [];
  const record = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n$)/gy;
  for (let match = record.exec(line); match; match = record.exec(line)) {
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] !== ",") break;
  }
  return cells;
}
