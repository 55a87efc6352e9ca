type Cell = string | number | boolean | undefined;

/** Matches what a spreadsheet takes for a formula, even behind spaces. */
const formula = /^\s*[=+\-@\t\r＝＋－＠]/;

/** One line of RFC 4180, its end included. Text that a spreadsheet would run gets an apostrophe in front. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

function cellText(cell: Cell): string {
  if (typeof cell !== "string") return String(cell ?? "");
  const tame = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
