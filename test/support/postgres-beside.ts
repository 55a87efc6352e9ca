import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

export type ServerOrder = "freeze" | "thaw" | "kill" | "start";

/** A PostgreSQL in a process beside this one. */
export interface PostgresBeside {
  /** Leads to its database `postgres`. */
  readonly url: string;
  /** Resolves when it is done. A server that is to be killed must be `mortal`. */
  order(order: ServerOrder): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgresBeside({ mortal = false } = {}): Promise<PostgresBeside> {
  const server = fork(path.join(import.meta.dirname, "postgres-server.ts"), mortal ? ["--mortal"] : []);
  const url = await answerOf(server);
  return {
    url,
    async order(order) {
      const done = answerOf(server);
      server.send(order);
      await done;
    },
    async stop() {
      const ended = once(server, "exit");
      server.disconnect();
      await ended;
    },
  };
}

async function answerOf(server: ChildProcess): Promise<string> {
  const [answer] = await Promise.race([
    once(server, "message"),
    once(server, "exit").then(([code]) => Promise.reject(new Error(`PostgreSQL ended: exit code ${code}`))),
  ]);
  return String(answer);
}
