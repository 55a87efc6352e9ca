import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { Refusal, type RefusalCode } from "../errors.ts";
import type { LocalApi } from "./local-api.ts";
import { type DeskAddress, readDeskAddress } from "./local-api-file.ts";
import type { DeskLine } from "./local-api-server.ts";

/** The bot could not be asked, or failed to answer; `message` is for the operator. */
class DeskError extends Error {}

/** The same desk, in the bot that runs in `dataDir`. Throws DeskError when it does not answer. */
export async function askRunningBot(dataDir: string): Promise<LocalApi> {
  const address = await readDeskAddress(dataDir);
  if (!address) {
    throw new DeskError(`The bot in ${dataDir} is starting or stopping, or another command works there; try again.`);
  }
  const one = async (method: keyof LocalApi, ...args: unknown[]) => {
    for await (const value of ask(address, method, args)) return value as never;
    throw new DeskError("The bot ended before it had answered.");
  };
  return {
    quote: (draft, files) => one("quote", draft, files),
    imagine: (draft, request) => one("imagine", draft, request),
    watch: (job, signal) => ask(address, "watch", [job], signal) as ReturnType<LocalApi["watch"]>,
    cancel: (job, request) => one("cancel", job, request),
    imagePath: (job, index) => one("imagePath", job, index),
    grant: (member, amount, request) => one("grant", member, amount, request),
    usage: (days) => one("usage", days),
  };
}

async function* ask(
  address: DeskAddress,
  method: keyof LocalApi,
  args: readonly unknown[],
  signal?: AbortSignal,
): AsyncIterable<unknown> {
  const answer = await post(address, JSON.stringify({ method, args }));
  const hangUp = () => void answer.destroy();
  signal?.addEventListener("abort", hangUp, { once: true });
  try {
    for await (const text of createInterface({ input: answer })) {
      const line = JSON.parse(text) as DeskLine;
      if ("end" in line) return;
      yield unwrap(line);
    }
  } finally {
    signal?.removeEventListener("abort", hangUp);
    answer.destroy();
  }
  if (!signal?.aborted)
    throw new DeskError("The bot ended before it had answered. What it had begun goes on when it is started.");
}

async function post({ port, token }: DeskAddress, question: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${token}`, "content-length": Buffer.byteLength(question) };
  const asked = httpRequest({ host: "127.0.0.1", port, method: "POST", headers, agent: false });
  asked.end(question);
  try {
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    if (answer.statusCode === 200) return answer;
    answer.destroy();
  } catch (error) {
    throw new DeskError("The bot does not answer; it may be starting or stopping. Try again.", { cause: error });
  }
  throw new DeskError("The bot was started anew just now. Try again.");
}

function unwrap(line: DeskLine): unknown {
  if ("refusal" in line) throw new Refusal(line.refusal.code as RefusalCode, line.refusal.facts as never);
  if ("bug" in line) throw new DeskError(`The bot failed at this; its log says more beside the reference ${line.bug}.`);
  return "value" in line ? line.value : undefined;
}
