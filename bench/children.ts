import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** A part of a benchmark in a process of its own, which answers one question at a time. */
export interface Child {
  /** Holds what it said when it was ready. */
  readonly hello: unknown;
  ask(question: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Starts `file` (beside this one), which must call `answerParent`. `flags` are for node itself. */
export async function startChild(
  file: string,
  settings: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<Child> {
  const child = fork(path.join(import.meta.dirname, file), {
    env: { ...process.env, ...settings },
    execArgv: [...flags],
  });
  children.add(child);
  let stopping = false;
  child.once("exit", (code) => {
    if (!stopping) throw new Error(`${file} ended with ${code}`);
  });
  const next = async () => {
    const [message] = await once(child, "message");
    const { value, error } = message as { value: unknown; error?: string };
    if (error !== undefined) throw new Error(`${file}: ${error}`);
    return value;
  };
  return {
    hello: await next(),
    ask(question) {
      const answer = next();
      child.send({ question });
      return answer;
    },
    async stop() {
      stopping = true;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
      children.delete(child);
    },
  };
}

/** In the child: says hello, then answers what the parent asks until that goes away. */
export function answerParent(hello: unknown, answer: (question: unknown) => Promise<unknown>): void {
  process.on("message", ({ question }: { question: unknown }) => {
    answer(question).then(
      (value) => process.send?.({ value }),
      (error) => process.send?.({ error: String(error?.stack ?? error) }),
    );
  });
  process.once("disconnect", () => process.exit(0));
  process.send?.({ value: hello });
}
