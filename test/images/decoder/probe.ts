import { readFileSync } from "node:fs";
import { connect, Socket } from "node:net";
import sharp from "sharp";

/** In the place of a decoder's program: tries to read a secret and to get out, and tells by its answer how that went. */
const channel = new Socket({ fd: 4 });
channel.resume();
const outcomeOf = (error: NodeJS.ErrnoException) => error.code ?? error.message;

process.on("disconnect", () => process.exit(0));
process.on("message", async ({ kind, first }: { kind: string; first: { width: number } }) => {
  const read = attempt(() => readFileSync(kind, "utf8"));
  const library = await sharp(kind)
    .metadata()
    .then(() => "read", String);
  const network = await new Promise<string>((resolve) => {
    const socket = connect(first.width, "127.0.0.1", () => resolve("connected"));
    socket.on("error", (error) => resolve(outcomeOf(error)));
  });
  process.send?.({ failed: JSON.stringify({ read, library, network }) });
});
process.send?.({ ready: true });

function attempt(work: () => string): string {
  try {
    return work();
  } catch (error) {
    return outcomeOf(error as NodeJS.ErrnoException);
  }
}
