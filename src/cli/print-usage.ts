import type { UsageLine, UsageReport } from "../contract/usecases.ts";

/** A report as lines of a table, for people and for `awk`. */
export function printUsage(report: UsageReport, print: (line: string) => void): void {
  const { total, byDay, byProvider, byPayer, byTenant, byMember } = report;
  const parts: readonly [string, readonly UsageLine[]][] = [
    ["day", byDay],
    ["service", byProvider],
    ["payer", byPayer],
    ["tenant", byTenant],
    ["member", byMember],
    ["all", [{ ...total, name: `${report.days} days` }]],
  ];
  const names = parts.flatMap(([, lines]) => lines.map(({ name }) => name.length));
  const width = Math.max(8, ...names);
  const row = (kind: string, name: string, cells: readonly (string | number)[]) =>
    print(`${kind.padEnd(9)}${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(10)).join("")}`);
  row("", "", ["jobs", "images", "charged", "spent"]);
  for (const [kind, lines] of parts) {
    for (const { name, jobs, images, charged, spent } of lines) row(kind, name, [jobs, images, charged, spent]);
  }
}
