import { decodeImages } from "../../../src/providers/decode/decode.ts";
import type { Found } from "../../../src/providers/decode/image-strings.ts";
import { type TestCall, testCall } from "../call.ts";

interface Decoded {
  readonly call: TestCall;
  readonly found: Found[];
  /** The value that `rest` brought. */
  readonly rest: unknown;
}

/** The text as a body whose chunk at each place has that length. */
export async function* inPieces(text: string | Buffer, length: (at: number) => number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    const end = at + Math.max(1, length(at));
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** Decodes a whole text with sinks in memory. */
export async function decode(text: string | Buffer, count = 10, length = (_at: number) => 65_536): Promise<Decoded> {
  const call = testCall();
  const found = await Array.fromAsync(decodeImages(inPieces(text, length), { count, openImage: call.openImage }));
  const last = found.at(-1);
  return { call, found: found.slice(0, -1), rest: last?.type === "rest" ? last.value : "no rest came" };
}
