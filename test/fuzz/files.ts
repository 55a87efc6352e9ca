import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Refusal } from "../../src/errors.ts";
import { createImages } from "../../src/images/create-images.ts";
import { mutated } from "../images/hostile.ts";
import { photo } from "../images/samples.ts";
import { testLog } from "../support/world.ts";
import type { FuzzOptions } from "./answers.ts";

const formats = ["png", "jpeg", "webp", "gif", "avif"] as const;
const fixtures = ["plain.heic", "clear.heic", "mif1.avif", "one-frame.png", "no-eoi.jpg"];
const mayGrowMegabytes = 200;
const slowMs = 65_000; // above the time that the slowest decoder gets
const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * Feeds damaged files of every format to intake: each ends in an image or in a refusal, in bounded time and memory of
 * this process. A file that does otherwise is kept in test/fixtures/images/found, and ends the run.
 */
export async function fuzzFiles({ minutes, seed: first }: FuzzOptions): Promise<void> {
  const until = Date.now() + minutes * 60_000;
  const home = mkdtempSync(path.join(tmpdir(), "atelier-fuzz-"));
  const images = createImages({ directory: path.join(home, "spool"), trustedOrigins: [], log: testLog() });
  const bases = await sampleFiles();
  const outcomes = new Map<string, number>();
  const source = { path: path.join(home, "file") };
  const memoryAtFirst = process.memoryUsage.rss();
  try {
    for (let seed = first; Date.now() < until; seed += 1) {
      const bytes = mutated(bases[seed % bases.length] as Buffer, seed);
      writeFileSync(source.path, bytes);
      const begun = Date.now();
      const outcome = await images.take({ filename: "file", source }).then(
        ({ format }) => format,
        (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const isOdd = !/^(png|jpeg|webp|image-[a-z-]+)$/.test(outcome);
      if (isOdd || Date.now() - begun > slowMs) keep(bytes, seed, outcome);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  const grown = Math.round((process.memoryUsage.rss() - memoryAtFirst) / 1_000_000);
  say(`${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(", ")}; memory grew by ${grown} MB`);
  process.exit(grown > mayGrowMegabytes ? 1 : 0); // decoders may be idle still
}

async function sampleFiles(): Promise<Buffer[]> {
  const made = formats.map((format) => photo(64, 48).withMetadata({ orientation: 3 }).toFormat(format).toBuffer());
  const kept = fixtures.map((name) => readFileSync(path.resolve("test/fixtures/images", name)));
  return [...(await Promise.all(made)), ...kept];
}

function keep(bytes: Buffer, seed: number, outcome: string): never {
  const folder = path.resolve("test/fixtures/images/found");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, String(seed)), bytes);
  say(`seed ${seed}: ${outcome}; the file is in ${folder}`);
  process.exit(1);
}
