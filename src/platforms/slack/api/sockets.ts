import type { App, Receiver } from "@slack/bolt";
import { singleFlight } from "../../../flow/single-flight.ts";
import type { Log, World } from "../../../world.ts";
import { codeOf, faultOf } from "./faults.ts";
import { type Line, openLine, type SocketOptions } from "./socket-line.ts";

/** Socket Mode over one connection, and over two while Slack renews it, so that no event comes to nobody. */
export interface Sockets extends Receiver {
  /** Rejects when Slack refuses the token for good; while Slack cannot be reached, goes on trying after it has resolved. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Can an event come in at this moment? */
  isOpen(): boolean;
}

const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** Slack closes a connection some ten seconds after its warning; until then events may come over it. */
const drainMs = 30_000;

export function createSockets(options: SocketOptions, { log, world }: { log: Log; world: World }): Sockets {
  const lines = new Set<Line>();
  const outage = createOutage(log);
  const stopping = new AbortController();
  const { signal } = stopping;
  const connectOnce = singleFlight<void>();
  let app: App | undefined;
  const alive = () => [...lines].filter(({ isAlive }) => isAlive());
  const isOpen = () => alive().length > 0;
  async function connect(): Promise<void> {
    const line = await openLine(options, app, log, { lost, renew, signal });
    lines.add(line);
    if (signal.aborted) await line.close();
    outage.ended();
  }
  /** One at a time; never rejects. */
  function keepConnecting(failed?: unknown): Promise<void> {
    const attempt = { connect, world, log, signal, failed: (reason: string) => isOpen() || outage.began(reason) };
    return connectOnce("connection", () => connectUntilOpen(attempt, failed));
  }
  function lost(line: Line, reason: string): void {
    if (!lines.delete(line) || signal.aborted) return;
    if (!isOpen()) outage.began(reason);
    if (alive().every(({ leaving }) => leaving)) void keepConnecting();
  }
  /** The old connection stays until another one has taken its place, and Slack has sent what was on its way. */
  async function renew(line: Line): Promise<void> {
    if (line.leaving) return;
    line.leaving = true;
    await keepConnecting();
    await world.sleep(drainMs, signal);
    if (lines.has(line) && alive().some((other) => other !== line)) await line.close();
  }
  return {
    init(bolt) {
      app = bolt;
    },
    start: () =>
      unlessFinal(connect, (error) => {
        outage.began(reasonOf(error));
        void keepConnecting(error);
      }),
    async stop() {
      stopping.abort();
      await Promise.all([keepConnecting(), ...[...lines].map(({ close }) => close())]);
      lines.clear();
    },
    isOpen,
  };
}

/** Only the operator can help where Slack refuses for good: that is thrown. */
async function unlessFinal(connect: () => Promise<void>, failed: (error: unknown) => void): Promise<void> {
  try {
    await connect();
  } catch (error) {
    if (isFinal(error)) throw error;
    failed(error);
  }
}

/** Says once that no connection is left, and once that there is one again. */
function createOutage(log: Log) {
  let said = false;
  return {
    began(reason: string): void {
      if (!said) log.warn({ reason }, "Slack: the connection is lost, and is made anew");
      said = true;
    },
    ended(): void {
      if (said) log.info({}, "Slack: the connection is back");
      said = false;
    },
  };
}

interface Attempt {
  readonly connect: () => Promise<void>;
  readonly failed: (reason: string) => void;
  readonly world: World;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** With growing pauses, the first before the first try when one has just failed. Never rejects. */
async function connectUntilOpen({ connect, failed, world, log, signal }: Attempt, before: unknown): Promise<void> {
  let error = before;
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    if (error !== undefined) {
      log.info({ pauseMs, reason: reasonOf(error) }, "Slack: not connected yet");
      await world.sleep(pauseMs, signal);
      if (signal.aborted) return;
    }
    try {
      return await connect();
    } catch (err) {
      error = err;
      failed(reasonOf(err));
    }
  }
}

/** Slack itself says no to the token or the app: trying again changes nothing. */
function isFinal(error: unknown): boolean {
  return codeOf(error) !== undefined && faultOf(error) !== "delayed";
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? (error instanceof Error ? error.message : String(error));
}
