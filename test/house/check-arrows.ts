import { globSync } from "node:fs";
import { readArrows } from "./arrows.ts";

/** Part of `npm run check`: prints every arrow that goes where it must not. */
const { violations, totalCruised } = await readArrows();
const files = globSync("{src,commands}/**/*.ts").length;
for (const { from, to, rule } of violations) process.stderr.write(`${from} -> ${to}: ${rule.name}\n`);
// With a parser that does not know the language it sees nothing, and nothing would be wrong.
if (totalCruised < files) process.stderr.write(`only ${totalCruised} of ${files} files were read\n`);
if (violations.length > 0 || totalCruised < files) process.exit(1);
process.stdout.write(`${totalCruised} modules, no arrow goes the wrong way\n`);
