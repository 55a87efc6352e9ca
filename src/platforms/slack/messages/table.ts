import type { types } from "@slack/bolt";
import type { CardCell, CardTable } from "../../../text/card.ts";
import { clip, number } from "../../../text/words.ts";
import { namedElements } from "./named.ts";

/** Slack's reference of the table block: 100 rows of 20 cells; its tables take 10,000 characters in one message. */
const mostRows = 100;
const mostColumns = 20;
const cellLimit = 200;
const tableLimit = 10_000;

type Cell = types.TableBlock["rows"][number][number];

/** Shows a table; numbers stand on the right. A message may have one. Rows that Slack would not take are left out at the end. */
export function tableBlock({ columns, rows }: CardTable): types.TableBlock {
  const shown = columns.slice(0, mostColumns);
  const isNumeric = (column: number) => rows.length > 0 && rows.every((row) => typeof row[column] !== "string");
  return {
    type: "table",
    column_settings: shown.map((_, column) => (isNumeric(column) ? { align: "right" } : { is_wrapped: true })),
    rows: [shown.map(cell), ...rowsThatFit(shown, rows).map((row) => row.map(cell))],
  };
}

function rowsThatFit(columns: readonly string[], rows: CardTable["rows"]): readonly (readonly CardCell[])[] {
  const fit: (readonly CardCell[])[] = [];
  let length = lengthOf(columns);
  for (const row of rows.slice(0, mostRows - 1)) {
    const cells = columns.map((_, column) => row[column] ?? "");
    length += lengthOf(cells);
    if (length > tableLimit) break;
    fit.push(cells);
  }
  return fit;
}

const lengthOf = (cells: readonly CardCell[]) => cells.reduce<number>((sum, one) => sum + wordsOf(one).length, 0);

/** Slack refuses an empty cell. */
function wordsOf(one: CardCell): string {
  if (typeof one === "number") return number(one);
  return clip((typeof one === "string" ? one : one.shown) || "–", cellLimit);
}

function cell(one: CardCell): Cell {
  const words = wordsOf(one);
  if (typeof one !== "string")
    return { type: "raw_number", value: typeof one === "number" ? one : one.value, text: words };
  const named = namedElements(words);
  if (!named) return { type: "raw_text", text: words };
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: named }] };
}
