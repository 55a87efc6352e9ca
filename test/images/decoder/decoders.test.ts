import { execFile as execFileCallback, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { getPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { startDecoder, type TaskFiles } from "../../../src/images/decoder/decoder.ts";
import type { DecoderTask } from "../../../src/images/decoder/decoder-task.ts";
import { createDecoders } from "../../../src/images/decoder/decoders.ts";
import { photo } from "../samples.ts";
import { openTestImages, refusalOf, temporaryDirectory } from "../test-images.ts";

const execFile = promisify(execFileCallback);
const made = { done: true, firstOfMany: false };

type Options = Parameters<typeof createDecoders>[0];

function decodersFor(options: Options = {}) {
  const decoders = createDecoders(options);
  onTestFinished(() => {
    for (const pid of decoders.pids()) process.kill(pid);
  });
  return decoders;
}

async function task(width = 120, height = 80): Promise<[task: DecoderTask, files: TaskFiles]> {
  const directory = await temporaryDirectory();
  const from = join(directory, "from.png");
  await writeFile(from, await photo(width, height).png({ compressionLevel: 0 }).toBuffer());
  return [
    { work: "sanitise", kind: "png", maxBytes: 50_000_000 },
    { from, to: join(directory, "to") },
  ];
}

test("starts no process before there is work, and at most two for much work, of which members' files get one", async () => {
  const decoders = decodersFor();
  expect(decoders.pids()).toEqual([]);
  const tasks = await Promise.all(Array.from({ length: 8 }, () => task()));
  const seen = new Set<number>();
  const answers = await Promise.all(
    tasks.map(async (one) => {
      const answer = await decoders.run(...one, 20_000);
      for (const pid of decoders.pids()) seen.add(pid);
      return answer;
    }),
  );
  expect(answers).toEqual(Array(8).fill(made));
  expect(seen.size).toBe(1);
});

test("ends a process that has had nothing to do for a while, and starts another when there is work again", async () => {
  const decoders = decodersFor({ processes: 1, idleMs: 20 });
  for (let round = 0; round < 2; round += 1) {
    expect(await decoders.run(...(await task()), 20_000)).toEqual(made);
    await expect.poll(() => decoders.pids()).toEqual([]);
  }
});

test("a process that is killed in the middle of its work has failed, and the next work gets another", async () => {
  const decoders = decodersFor({ processes: 1 });
  const working = decoders.run(...(await task(2000, 2000)), 20_000);
  await expect.poll(() => decoders.pids(), { interval: 1 }).toHaveLength(1);
  const [pid = 0] = decoders.pids();
  process.kill(pid, "SIGKILL");
  expect(await working).toEqual({ failed: "the decoder ended: SIGKILL" });
  expect(await decoders.run(...(await task()), 20_000)).toEqual(made);
  expect(decoders.pids()).not.toContain(pid);
});

test("a process that dies while it has nothing to do is not given work", async () => {
  const decoders = decodersFor({ processes: 1 });
  await decoders.run(...(await task()), 20_000);
  const [pid = 0] = decoders.pids();
  process.kill(pid, "SIGKILL");
  await expect.poll(() => decoders.pids()).toEqual([]);
  expect(await decoders.run(...(await task()), 20_000)).toEqual(made);
});

test("kills what takes longer than it may", async () => {
  const decoders = decodersFor({ processes: 1 });
  await decoders.run(...(await task()), 20_000);
  const [pid] = decoders.pids();
  expect(await decoders.run(...(await task(2500, 2500)), 1)).toEqual({ failed: "more than 1 ms" });
  expect(await decoders.run(...(await task()), 20_000)).toEqual(made);
  expect(decoders.pids()).not.toContain(pid);
});

test("decodes for a bot that was itself started with a low priority", async () => {
  const [, { from, to }] = await task();
  const script = fileURLToPath(new URL("./decode-once.ts", import.meta.url));
  const nice = await execFile("nice", ["-n", "11", process.execPath, script, from, to]);
  expect(JSON.parse(nice.stdout)).toEqual({ answer: made, priority: Math.min(19, getPriority() + 11 + 5) });
});

test("a process that goes before it hears of its work is told by its end", async () => {
  const program = fileURLToPath(new URL("./deaf.ts", import.meta.url));
  const decoder = startDecoder({ maxMemoryBytes: 1_500_000_000, tools: {}, program });
  onTestFinished(() => decoder.end());
  expect(await decoder.work(...(await task()), 20_000)).toEqual({ failed: "the decoder ended: SIGKILL" });
});

test("stops what needs more memory than it may", async () => {
  const decoders = decodersFor({ processes: 1, maxMemoryBytes: 1_000_000 });
  expect(await decoders.run(...(await task(2500, 2500)), 20_000)).toEqual({ failed: "the decoder ended: 70" });
});

test.runIf(existsSync("/proc/self"))("knows nothing of the environment of the bot, and gives way to it", async () => {
  const decoders = decodersFor({ processes: 1 });
  await decoders.run(...(await task()), 20_000);
  const [pid = 0] = decoders.pids();
  const names = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0").map((line) => line.split("=")[0]);
  expect(names.filter((name) => name !== "" && !name?.startsWith("NODE_CHANNEL"))).toEqual([
    "MALLOC_ARENA_MAX",
    "VIPS_BLOCK_UNTRUSTED",
    "VIPS_DISC_THRESHOLD",
  ]);
  expect(await readFile(`/proc/${pid}/oom_score_adj`, "utf8")).toBe("1000\n");
});

test("cannot be led to another decoder than the one that its task names", async () => {
  const decoders = decodersFor({ processes: 1 });
  const [png, files] = await task();
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';
  for (const bytes of [svg, await photo().tiff().toBuffer(), await photo().gif().toBuffer()]) {
    await writeFile(files.from, bytes);
    expect(await decoders.run(png, files, 20_000)).toEqual({
      failed: expect.stringContaining("unsupported image format"),
    });
  }
  await writeFile(files.from, await photo().gif().toBuffer());
  expect(await decoders.run({ ...png, kind: "gif" }, files, 20_000)).toEqual(made);
});

test("ends with the bot, however that ends", async () => {
  const program = `
    const { createDecoders } = await import("./src/images/decoder/decoders.ts");
    const decoders = createDecoders();
    await decoders.run(...JSON.parse(process.argv[1]), 20000);
    console.log(decoders.pids()[0]);
    setInterval(() => {}, 1000);
  `;
  const bot = spawn(process.execPath, ["--input-type=module", "-e", program, JSON.stringify(await task())]);
  const [printed] = (await once(bot.stdout, "data")) as [Buffer];
  const decoder = Number(printed);
  expect(() => process.kill(decoder, 0)).not.toThrow();
  bot.kill("SIGKILL");
  await expect.poll(() => isAlive(decoder), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a member whose file brings the decoder down is told that it is unreadable, and the next one is served", async () => {
  const decoders = decodersFor({ processes: 1 });
  const { images, lay, log } = await openTestImages({ decoders });
  const large = await lay("cat.png", await photo(2000, 2000).png({ compressionLevel: 0 }).toBuffer());
  const asked = refusalOf(images.take(large));
  await expect.poll(() => decoders.pids(), { interval: 1 }).toHaveLength(1);
  process.kill(decoders.pids()[0] ?? 0, "SIGSEGV");
  expect(await asked).toEqual({ code: "image-unreadable", facts: { filename: "cat.png" } });
  expect(log.lines).toMatchObject([{ facts: { reason: "the decoder ended: SIGSEGV" } }]);
  expect(await images.take(await lay("dog.png", await photo().png().toBuffer()))).toMatchObject({ format: "png" });
});

test("a paid image whose decoder dies is posted smaller instead", async () => {
  const decoders = decodersFor({ processes: 1 });
  const { images, log } = await openTestImages({ decoders });
  const sink = await images.openResult("a1", 0);
  await sink.write(await photo(2000, 2000).png({ compressionLevel: 0 }).toBuffer());
  await sink.commit();
  const [found] = (await images.received("a1")).images;
  if (!found) throw new Error("not received");
  const fitting = images.fit(found.image, { bytes: 5_000_000, formats: ["jpeg"] });
  await expect.poll(() => decoders.pids(), { interval: 1 }).toHaveLength(1);
  process.kill(decoders.pids()[0] ?? 0, "SIGKILL");
  expect(await fitting).toMatchObject({ format: "jpeg", changed: true });
  expect(log.lines).toMatchObject([{ level: "error", facts: { answer: { failed: "the decoder ended: SIGKILL" } } }]);
});
