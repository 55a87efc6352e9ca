import type { Readable } from "node:stream";
import { request } from "undici";
import { answerParent } from "../children.ts";
import { measured, residentMegabytes } from "../measure.ts";

/** What moving the bytes costs at least: the answer is received and dropped, as much as its images is sent from memory. */
const { SERVERS = "" } = process.env;
const warm = Buffer.alloc(1024 * 1024, 7);

async function job(n: number): Promise<void> {
  const answer = await request(`${SERVERS}/v1/images/generations`, { method: "POST", body: "{}" });
  let received = 0;
  for await (const chunk of answer.body) received += chunk.length;
  const each = Math.floor((received / n / 4) * 3);
  for (let index = 0; index < n; index += 1) {
    const headers = { "content-length": String(each) };
    const sent = await request(`${SERVERS}/api/floor`, {
      method: "POST",
      headers,
      body: bytes(each) as unknown as Readable,
    });
    await sent.body.dump();
  }
}

async function* bytes(length: number): AsyncGenerator<Buffer> {
  for (let left = length; left > 0; left -= warm.length) yield left < warm.length ? warm.subarray(0, left) : warm;
}

answerParent(residentMegabytes(), (question) => measured(() => job(question as number)));
