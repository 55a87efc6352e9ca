import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { Refusal, type RefusalCode } from "../errors.ts";
import type { LocalApi } from "./local-api.ts";
import type { LocalApiLine } from "./local-api-server.ts";
import { findSocket } from "./local-socket.ts";

/** The bot could not be asked, or failed to answer; `message` is for the operator. */
class LocalApiError extends Error {}

/** Asks the bot that runs in `dataDir`; each call throws LocalApiError when it does not answer. */
export async function askRunningBot(dataDir: string): Promise<LocalApi> {
  const address = await findSocket(dataDir);
  const one = async (method: keyof LocalApi, ...args: unknown[]) => {
    for await (const value of ask(address, method, args)) return value as never;
    throw new LocalApiError("The bot ended before it had answered.");
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
  address: string,
  method: keyof LocalApi,
  args: readonly unknown[],
  signal?: AbortSignal,
): AsyncIterable<unknown> {
  const answer = await post(address, JSON.stringify({ method, args }));
  const hangUp = () => void answer.destroy();
  signal?.addEventListener("abort", hangUp, { once: true });
  try {
    for await (const text of createInterface({ input: answer })) {
      const line = JSON.parse(text) as LocalApiLine;
      if ("end" in line) return;
      yield unwrap(line);
    }
  } finally {
    signal?.removeEventListener("abort", hangUp);
    answer.destroy();
  }
  if (!signal?.aborted)
    throw new LocalApiError("The bot ended before it had answered. What it had begun goes on when it is started.");
}

async function post(socketPath: string, question: string): Promise<IncomingMessage> {
  const headers = { "content-length": Buffer.byteLength(question) };
  const asked = httpRequest({ socketPath, method: "POST", headers, agent: false });
  asked.end(question);
  try {
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    return answer;
  } catch (error) {
    throw new LocalApiError(sentenceOf(error), { cause: error });
  }
}

function sentenceOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") return "The bot runs as another user: run this command as that user.";
  return "The bot does not answer; it may be starting or stopping, or another command works there. Try again.";
}

function unwrap(line: LocalApiLine): unknown {
  if ("refusal" in line) throw new Refusal(line.refusal.code as RefusalCode, line.refusal.facts as never);
  if ("bug" in line)
    throw new LocalApiError(`The bot failed at this; its log says more beside the reference ${line.bug}.`);
  return "value" in line ? line.value : undefined;
}
