import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTar, readTar } from "../../src/cli/tar.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-tar-"));
  file = path.join(folder, "a.tar");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Sizes on, below and above the borders of blocks. */
const sizes = [0, 1, 511, 512, 513, 100_000];
const bytesOf = (size: number) => Buffer.alloc(size, `of ${size} `);

async function write(): Promise<void> {
  const tar = await createTar(file);
  for (const size of sizes) await tar.add(`some/of-${size}`, size, [bytesOf(size)]);
  await tar.commit();
}

async function read(): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {};
  for await (const { name, body } of readTar(file)) {
    const chunks: Buffer[] = [];
    for await (const chunk of body()) chunks.push(chunk);
    found[name] = Buffer.concat(chunks);
  }
  return found;
}

const expected = Object.fromEntries(sizes.map((size) => [`some/of-${size}`, bytesOf(size)]));

test("reads what it wrote, and nobody but its owner does", async () => {
  await write();
  expect(await read()).toEqual(expected);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("writes what the system's tar reads", async () => {
  await write();
  const to = path.join(folder, "out");
  mkdirSync(to);
  execFileSync("tar", ["xf", file, "-C", to]);
  for (const [name, bytes] of Object.entries(expected)) expect(readFileSync(path.join(to, name))).toEqual(bytes);
});

test("reads what the system's tar writes", async () => {
  mkdirSync(path.join(folder, "some"));
  for (const [name, bytes] of Object.entries(expected)) writeFileSync(path.join(folder, name), bytes);
  execFileSync("tar", ["--format=ustar", "-cf", file, "-C", folder, ...Object.keys(expected)]);
  expect(await read()).toEqual(expected);
});

test.each([100, 512, 1500, 100_000])("says that an archive cut off after %i bytes is not whole", async (length) => {
  await write();
  truncateSync(file, length);
  await expect(read()).rejects.toThrow("not whole");
});

test("refuses an archive that has a name twice, since only one of them would count", async () => {
  const tar = await createTar(file);
  for (const text of ["this one", "that one"]) await tar.add("spool/results/a-0", text.length, [Buffer.from(text)]);
  await tar.commit();
  await expect(read()).rejects.toThrow("spool/results/a-0 is in it twice");
});

test("says that a header with other bytes is damaged", async () => {
  await write();
  const bytes = readFileSync(file);
  bytes[3] = 0x58;
  writeFileSync(file, bytes);
  await expect(read()).rejects.toThrow("damaged");
});

test("never writes over a file, and leaves nothing behind when it is given up", async () => {
  writeFileSync(file, "mine");
  await expect(createTar(file)).rejects.toThrow("EEXIST");
  expect(readFileSync(file, "utf8")).toBe("mine");
  rmSync(file);
  const tar = await createTar(file);
  await expect(tar.add("short", 5, [Buffer.from("1234")])).rejects.toThrow("changed while");
  await tar.discard();
  expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
});
