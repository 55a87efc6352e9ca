import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Refusal } from "../../src/errors.ts";
import type { IncomingImage } from "../../src/image.ts";
import type { ImagesOptions } from "../../src/images/create-images.ts";
import { createImages } from "../../src/images/create-images.ts";
import type { Images } from "../../src/images/images.ts";
import type { TestLog } from "../support/world.ts";
import { testLog } from "../support/world.ts";

export interface TestImages {
  readonly images: Images;
  readonly log: TestLog;
  /** The spool's directory. */
  readonly directory: string;
  /** Lays a member's file on the desk, outside the spool. */
  lay(filename: string, bytes: Uint8Array | string): Promise<IncomingImage & { readonly source: { path: string } }>;
}

/** The images room over a directory of its own, which goes when the test ends. */
export async function openTestImages(options: Partial<ImagesOptions> = {}): Promise<TestImages> {
  const home = await temporaryDirectory();
  const directory = join(home, "data", "spool");
  const log = testLog();
  const images = createImages({ directory, trustedOrigins: [], log, ...options });
  return {
    images,
    log,
    directory,
    async lay(filename, bytes) {
      const path = join(home, filename);
      await writeFile(path, bytes);
      return { filename, source: { path } };
    },
  };
}

export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "atelier-images-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Gives the refusal of what was asked; fails when it was granted, or broke. */
export async function refusalOf(asked: Promise<unknown>): Promise<{ code: string; facts: object }> {
  const answer = await asked.then(
    () => "it was taken",
    (error: unknown) => error,
  );
  if (!(answer instanceof Refusal)) throw new Error("No refusal", { cause: answer });
  return { code: answer.code, facts: answer.facts };
}
