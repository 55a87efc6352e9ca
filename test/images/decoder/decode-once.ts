import { getPriority } from "node:os";
import { findTools } from "../../../src/images/decoder/confine.ts";
import { startDecoder } from "../../../src/images/decoder/decoder.ts";

/** Decodes the file of its first argument into that of its second, and prints the answer and the decoder's priority. */
const [, , from = "", to = ""] = process.argv;
const decoder = startDecoder({ maxMemoryBytes: 1_500_000_000, tools: await findTools() });
const answer = await decoder.work({ work: "sanitise", kind: "png", maxBytes: 50_000_000 }, { from, to }, 20_000);
process.stdout.write(JSON.stringify({ answer, priority: getPriority(decoder.pid) }));
decoder.end();
