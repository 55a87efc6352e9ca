import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { type Arena, postgresArena, sqliteArena } from "../support/chaos/arena.ts";
import { scenarios } from "../support/chaos/scenario.ts";
import { play } from "../support/chaos/steps.ts";

/**
 * The property of property.test.ts over many more runs: `npm run soak -- --runs 10000 --seed 1 --store sqlite`.
 * Without --store, four of five runs go to SQLite and one to a PostgreSQL of its own.
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    store: { type: "string", default: "both" },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);

async function soak(arena: Arena, numRuns: number): Promise<void> {
  const began = performance.now();
  const seen: Record<string, number> = {};
  let done = 0;
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    for (const [name, count] of Object.entries(await play(scenario, arena))) seen[name] = (seen[name] ?? 0) + count;
    done += 1;
    if (done % 500 === 0) report(arena, done, began);
  });
  await fc.assert(property, { numRuns, seed, endOnFailure: arena.engine === "postgres" });
  report(arena, done, began);
  const counts = Object.entries(seen).toSorted(([a], [b]) => (a < b ? -1 : 1));
  process.stdout.write(`${counts.map(([name, count]) => `  ${name} ${count}`).join("\n")}\n`);
  await arena.close();
}

function report({ engine }: Arena, done: number, began: number): void {
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(
    `${engine}: ${done} runs, seed ${seed}, ${(done / seconds).toFixed(1)} runs/s, nothing broken\n`,
  );
}

async function withPostgres(use: (url: string) => Promise<void>): Promise<void> {
  const server = fork(path.join(import.meta.dirname, "../support/postgres-server.ts"));
  const [url] = await once(server, "message");
  try {
    await use(String(url));
  } finally {
    const ended = once(server, "exit");
    server.disconnect();
    await ended;
  }
}

if (values.store !== "postgres") await soak(sqliteArena(), values.store === "both" ? Math.round(runs * 0.8) : runs);
if (values.store !== "sqlite") {
  await withPostgres(async (url) =>
    soak(await postgresArena(url), values.store === "both" ? Math.round(runs * 0.2) : runs),
  );
}
