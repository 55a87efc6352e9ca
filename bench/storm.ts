import { setTimeout as delay } from "node:timers/promises";
import { openStorm, type Storm } from "../test/support/storm.ts";
import { print, share } from "./report.ts";

const members = 200;
const forMs = 60_000;
const actsPerSecond = 100;
const honestAtOnce = 5;
const targetMs = 250;

/**
 * Members of one hostile server do whatever they can at once for a minute, while some of another server want images:
 * whether those are acknowledged in time, whether their images come, and whether the ledger is consistent. Discord and the
 * service run in this process: what they cost counts in the figures.
 */
export async function run(): Promise<void> {
  const storm = await openStorm({ members, seed: 15 });
  try {
    for (let at = 0; at < 3; at += 1) await storm.askHonestly(); // compiles the program
    const until = performance.now() + forMs;
    const [acts, honest] = await Promise.all([attack(storm, until), askAll(storm, until)]);
    const acks = honest.map(({ ackMs }) => ackMs);
    const waits = honest.map(({ waitMs }) => waitMs);
    const answers = storm.discord.invalidRequests;
    const { stdout } = await storm.audit();
    print([
      {
        "hostile acts": acts,
        "honest images": honest.length,
        "acknowledged, p50 ms": share(acks, 0.5).toFixed(0),
        "p99, ms": share(acks, 0.99).toFixed(0),
        "longest, ms": Math.max(...acks).toFixed(0),
        "image, p50 s": (share(waits, 0.5) / 1000).toFixed(1),
        "longest, s": (Math.max(...waits) / 1000).toFixed(1),
        "refusals by Discord": answers,
        ledger: /^wrong/m.test(stdout) ? "wrong" : "ok",
        [`p99 at most ${targetMs} ms`]: share(acks, 0.99) <= targetMs ? "yes" : "no",
      },
    ]);
  } finally {
    await storm.close();
  }
}

async function attack(storm: Storm, until: number): Promise<number> {
  let acts = 0;
  for (const start = performance.now(); performance.now() < until; await delay(20)) {
    for (const due = ((performance.now() - start) / 1000) * actsPerSecond; acts < due; acts += 1) storm.attack();
  }
  return acts;
}

/** Until the time is over, and what was asked for before has come. */
async function askAll(storm: Storm, until: number) {
  const honest: { ackMs: number; waitMs: number }[] = [];
  const ask = async () => {
    while (performance.now() < until) {
      const start = performance.now();
      const { ackMs = Number.POSITIVE_INFINITY } = await storm.askHonestly();
      honest.push({ ackMs, waitMs: performance.now() - start });
    }
  };
  await Promise.all(Array.from({ length: honestAtOnce }, ask));
  return honest;
}
