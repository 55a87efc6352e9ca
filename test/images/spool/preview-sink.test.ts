import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPreviewSink } from "../../../src/images/spool/preview-sink.ts";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "atelier-preview-"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

test("a preview is there once it is committed, and gone once it is discarded", async () => {
  const sink = await openPreviewSink(scratch, "attempt-1", 0);
  await sink.write(Buffer.from("unfinished"));
  await sink.commit();
  expect(readFileSync(sink.path, "utf8")).toBe("unfinished");
  await sink.discard();
  await sink.discard();
  expect(existsSync(sink.path)).toBe(false);
});

test("a preview that was never finished leaves nothing, and two of one image are two files", async () => {
  const sinks = [await openPreviewSink(scratch, "attempt-1", 0), await openPreviewSink(scratch, "attempt-1", 0)];
  expect(new Set(sinks.map((sink) => sink.path)).size).toBe(2);
  expect(readdirSync(scratch).every((name) => name.startsWith("work-"))).toBe(true); // what the sweep removes after a crash
  for (const sink of sinks) await sink.discard();
  expect(readdirSync(scratch)).toEqual([]);
});

test("nobody makes a preview outside of its folder", async () => {
  await expect(openPreviewSink(scratch, "../evil", 0)).rejects.toThrow("Not an attempt");
});
