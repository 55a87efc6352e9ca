import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { documentRules } from "../providers/decode/decode-properties.ts";
import { endlessAnswers, refusesEndless } from "../providers/decode/endless.ts";
import { eventRules } from "../providers/decode/sse-properties.ts";

export interface FuzzOptions {
  readonly minutes: number;
  readonly seed: number;
}

const batch = 500;
const warmBatches = 20;
const mayGrowMegabytes = 100;
const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * Holds the decoder of answers against its rules with inputs of chance, and watches its memory. An input that breaks a
 * rule is printed, kept in test/fixtures/decoder/found, and ends the run.
 */
export async function fuzzAnswers({ minutes, seed: firstSeed }: FuzzOptions): Promise<void> {
  const until = Date.now() + minutes * 60_000;
  const rules = [...documentRules, ...eventRules];
  const memory = watchMemory();
  let inputs = 0;
  for (let batches = 0; Date.now() < until; batches += 1) {
    const seed = (firstSeed + batches) % 2 ** 31;
    for (const { name, property } of rules) {
      const outcome = await fc.check(property, { numRuns: batch, seed });
      inputs += outcome.numRuns;
      if (outcome.failed) fail(name, seed, outcome as unknown as fc.RunDetails<unknown>);
    }
    if (batches % 10 === 0) await refusesEndless(endlessAnswers[(batches / 10) % endlessAnswers.length]?.name ?? "");
    memory.look(batches);
    if (batches % 20 === 0) say(`${inputs} inputs, ${memory.summary()}`);
  }
  say(`${inputs} inputs of ${rules.length} rules: none broke a rule; ${memory.summary()}`);
}

function watchMemory() {
  let warm = 0;
  let highest = 0;
  return {
    summary: () => `memory ${warm} MB at first, ${highest} MB at most`,
    look(batches: number): void {
      const megabytes = Math.round(process.memoryUsage.rss() / 1024 / 1024);
      if (batches <= warmBatches) warm = Math.max(warm, megabytes);
      highest = Math.max(highest, megabytes);
      if (highest <= warm + mayGrowMegabytes) return;
      say(`memory grew from ${warm} to ${highest} MB`);
      process.exit(1);
    },
  };
}

function fail(name: string, seed: number, outcome: fc.RunDetails<unknown>): never {
  const folder = path.join(import.meta.dirname, "../fixtures/decoder/found");
  mkdirSync(folder, { recursive: true });
  const report = `${name}\nseed ${seed}, path ${outcome.counterexamplePath}\n${fc.defaultReportMessage(outcome)}\n${outcome.errorInstance}\n`;
  writeFileSync(path.join(folder, `${seed}.txt`), report);
  say(report);
  process.exit(1);
}
