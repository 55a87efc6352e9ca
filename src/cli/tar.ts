import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";

/** One file of an archive, with the SHA-256 of its bytes. */
export interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes a POSIX archive (ustar, which every `tar` reads); the file has its name only when it is whole. */
export interface TarWriter {
  add(name: string, bytes: number, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Entry>;
  /** On disk for good once this resolves. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** The archive is not one, or ends too early. */
export class TarError extends Error {}

const block = 512;

/** Throws when there is a file of that name, or a part of one. */
export async function createTar(file: string): Promise<TarWriter> {
  const part = `${file}.part`;
  const reserved = await open(file, "wx", 0o600); // the name is ours from now on
  await reserved.close();
  const handle = await open(part, "w", 0o600);
  return {
    async add(name, bytes, body) {
      await handle.appendFile(header(name, bytes));
      const hash = createHash("sha256");
      let written = 0;
      for await (const chunk of body) {
        hash.update(chunk);
        written += chunk.length;
        await handle.appendFile(chunk);
      }
      if (written !== bytes)
        throw new TarError(`${name} changed while it was archived: ${written} bytes, not ${bytes}.`);
      await handle.appendFile(Buffer.alloc(-bytes & (block - 1)));
      return { name, bytes, sha256: hash.digest("hex") };
    },
    async commit() {
      await handle.appendFile(Buffer.alloc(2 * block));
      await handle.sync();
      await handle.close();
      await rename(part, file);
    },
    async discard() {
      await handle.close().catch(() => undefined);
      await rm(part, { force: true });
      await rm(file, { force: true });
    },
  };
}

/** Fields of the header: where they begin, and how long they are. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  sum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;

function header(name: string, bytes: number): Buffer {
  if (Buffer.byteLength(name) > fields.name[1]) throw new TarError(`The name is too long for an archive: ${name}`);
  const head = Buffer.alloc(block);
  head.write(name, fields.name[0]);
  head.write("0000600\0", fields.mode[0]);
  head.write("0000000\0" + "0000000\0", 108); // owner and group
  head.write(`${bytes.toString(8).padStart(11, "0")}\0`, fields.size[0]);
  head.write("00000000000\0", 136); // time
  head.write("0", fields.type[0]);
  head.write("ustar\u000000", fields.magic[0]);
  head.write(`${sumOf(head).toString(8).padStart(6, "0")}\0 `, fields.sum[0]);
  return head;
}

/** Adds up all bytes, those of the sum itself counted as spaces. */
function sumOf(head: Buffer): number {
  const [from, length] = fields.sum;
  return head.reduce((sum, byte, at) => sum + (at >= from && at < from + length ? 0x20 : byte), 0);
}

/** One file of an archive that is read; its body is to be read before the next is asked for, or not at all. */
export interface ReadEntry {
  readonly name: string;
  readonly bytes: number;
  body(): AsyncIterable<Buffer>;
}

/** Yields its plain files, in order. Throws TarError when it is damaged, cut off, or has a name twice. */
export async function* readTar(file: string): AsyncIterable<ReadEntry> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const seen = new Set<string>();
    for (let at = 0; ; ) {
      const head = Buffer.alloc(block);
      const { bytesRead } = await handle.read(head, 0, block, at);
      if (bytesRead < block) throw new TarError(`${file} ends too early: it is not whole.`);
      if (head.every((byte) => byte === 0)) return;
      const { name, bytes } = parse(head, file);
      const start = at + block;
      if (start + bytes > size) throw new TarError(`${file} ends too early: it is not whole.`);
      if (seen.has(name)) throw new TarError(`${file} is damaged: ${name} is in it twice.`); // which of them would count?
      seen.add(name);
      yield { name, bytes, body: () => bodyOf(file, start, bytes) };
      at = start + bytes + (-bytes & (block - 1));
    }
  } finally {
    await handle.close();
  }
}

async function* bodyOf(file: string, start: number, bytes: number): AsyncIterable<Buffer> {
  if (bytes > 0) yield* createReadStream(file, { start, end: start + bytes - 1 });
}

function parse(head: Buffer, file: string): { name: string; bytes: number } {
  const read = ([from, length]: readonly [number, number]) =>
    head.toString("utf8", from, from + length).replace(/[\0 ].*$/s, "");
  const bytes = Number.parseInt(read(fields.size), 8);
  const right = Number.parseInt(read(fields.sum), 8) === sumOf(head);
  const plain = ["", "0"].includes(read(fields.type));
  if (!right || !plain || !(bytes >= 0)) throw new TarError(`${file} is damaged, or not an archive of Atelier.`);
  return { name: read(fields.name), bytes };
}
