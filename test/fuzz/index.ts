import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { fuzzAnswers } from "./answers.ts";
import { fuzzFiles } from "./files.ts";

/**
 * `npm run fuzz -- --minutes 30` feeds the decoder of answers, and `npm run fuzz -- files --minutes 30` the intake of
 * members' files; `--seed` repeats a run.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string", default: "1" }, seed: { type: "string" } },
});
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const fuzz = { answers: fuzzAnswers, files: fuzzFiles }[positionals[0] ?? "answers"];
if (!fuzz) throw new Error("npm run fuzz -- [answers | files] [--minutes N] [--seed N]");
process.stdout.write(`seed ${seed}\n`);
await fuzz({ minutes: Number(values.minutes), seed });
