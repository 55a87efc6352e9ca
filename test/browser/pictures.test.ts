import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { expect, test } from "vitest";

test("the pictures of the documents can all be drawn anew from what the bot sends", async () => {
  const { draw = "" } = JSON.parse(readFileSync("package.json", "utf8")).scripts as Record<string, string>;
  const [, program = ""] = draw.split(" ");
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-pictures-"));
  await promisify(execFile)(process.execPath, [program, folder]);
  const drawn = globSync("*.png", { cwd: folder }).sort();
  expect(drawn).toEqual(globSync("*.png", { cwd: "docs/pictures" }).sort());
  for (const file of drawn) {
    const { width, height } = await sharp(path.join(folder, file)).metadata();
    expect([width, height > 500]).toEqual([1400, true]);
  }
  rmSync(folder, { recursive: true });
}, 240_000);
