import { type App, type Receiver, SocketModeReceiver } from "@slack/bolt";
import type { Log, World } from "../../../world.ts";
import { codeOf, faultOf } from "./faults.ts";
import { boltLogger } from "./log.ts";

/** How Slack is reached by Socket Mode. */
export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl: string;
}

/** Socket Mode over one connection, and over two while Slack renews it, so that no event comes to nobody. */
export interface Sockets extends Receiver {
  /** Rejects when Slack refuses the token for good; while Slack cannot be reached, goes on trying after it has resolved. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Can an event come in at this moment? */
  isOpen(): boolean;
}

/** One connection. */
interface Line {
  readonly close: () => Promise<void>;
  readonly isAlive: () => boolean;
  /** Slack has said that it will close it: another one takes its place. */
  leaving: boolean;
}

const helloMs = 15_000;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** Slack closes a connection some ten seconds after its warning; until then events may come over it. */
const drainMs = 30_000;

export function createSockets(options: SocketOptions, { log, world }: { log: Log; world: World }): Sockets {
  const lines = new Set<Line>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let app: App | undefined;
  let connecting: Promise<void> | undefined;
  let saidLost = false;

  const isOpen = () => [...lines].some(({ isAlive }) => isAlive());

  function lost(line: Line, reason: string): void {
    if (!lines.delete(line) || signal.aborted) return;
    if (!isOpen()) sayLost(reason);
    if (![...lines].some(({ leaving, isAlive }) => !leaving && isAlive())) keepConnecting();
  }
  function sayLost(reason: string): void {
    if (!saidLost) log.warn({ reason }, "Slack: the connection is lost, and is made anew");
    saidLost = true;
  }

  async function connect(): Promise<void> {
    const line = await openLine(options, app, log, { lost, renew, signal });
    lines.add(line);
    if (signal.aborted) await line.close();
    if (saidLost) log.info({}, "Slack: the connection is back");
    saidLost = false;
  }

  /** One at a time; never rejects. */
  function keepConnecting(failed?: unknown): void {
    connecting ??= tryOn(failed).finally(() => {
      connecting = undefined;
    });
  }
  async function tryOn(failed: unknown): Promise<void> {
    let error = failed;
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      if (error !== undefined) {
        log.info({ pauseMs, reason: reasonOf(error) }, "Slack: not connected yet");
        await world.sleep(pauseMs, signal);
        if (signal.aborted) return;
      }
      try {
        return await connect();
      } catch (err) {
        error = err ?? "closed before it was open";
        if (!isOpen()) sayLost(reasonOf(error));
      }
    }
  }

  async function renew(line: Line): Promise<void> {
    if (line.leaving) return;
    line.leaving = true;
    keepConnecting();
    await connecting;
    await world.sleep(drainMs, signal);
    if (lines.has(line) && isReplaced(line)) await line.close();
  }
  const isReplaced = (old: Line) => [...lines].some((line) => line !== old && line.isAlive());

  return {
    init(bolt) {
      app = bolt;
    },
    async start() {
      try {
        await connect();
      } catch (error) {
        if (isFinal(error)) throw error;
        sayLost(reasonOf(error));
        keepConnecting(error ?? "closed before it was open");
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all([connecting, ...[...lines].map(({ close }) => close())]);
      lines.clear();
    },
    isOpen,
  };
}

interface LineEvents {
  readonly lost: (line: Line, reason: string) => void;
  readonly renew: (line: Line) => Promise<void>;
  /** Ends what waits for Slack. */
  readonly signal: AbortSignal;
}

/** Resolves once Slack has said hello. Rejects with what the Web API throws, or undefined when it was closed before that. */
async function openLine(
  { appToken, apiUrl }: SocketOptions,
  app: App | undefined,
  log: Log,
  on: LineEvents,
): Promise<Line> {
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    // The library tells that a peer is silent by a warning only, and half a minute before it closes the connection.
    logger: boltLogger(log, (words) => queueMicrotask(() => !line.isAlive() && on.lost(line, words))),
    installerOptions: { clientOptions: { slackApiUrl: apiUrl, retryConfig: { retries: 0 } } },
  });
  const { client } = receiver;
  let greeted = false;
  const line: Line = {
    leaving: false,
    isAlive: () => greeted && (client.websocket?.isActive() ?? false),
    close: () => closed(client),
  };
  if (app) receiver.init(app);
  interceptRenewal(client, () => void on.renew(line));
  client.on("close", () => on.lost(line, "closed by Slack"));
  const late = AbortSignal.any([on.signal, AbortSignal.timeout(helloMs)]);
  await Promise.race([receiver.start(), aborted(late)]).catch((error: unknown) => {
    void closed(client);
    throw error;
  });
  greeted = true;
  return line;
}

type Client = SocketModeReceiver["client"];

/** The library closes a connection at once when Slack announces that it will; what is on its way would be lost. */
function interceptRenewal(client: Client, renew: () => void): void {
  const listeners = client.listeners("ws_message");
  client.removeAllListeners("ws_message");
  client.on("ws_message", (...message: unknown[]) => {
    if (isRenewal(message[0])) renew();
    else for (const listener of listeners) listener.apply(client, message);
  });
}

function isRenewal(data: unknown): boolean {
  if (typeof data !== "string" || !data.includes('"disconnect"')) return false;
  try {
    const { type, reason } = JSON.parse(data) as { type?: string; reason?: string };
    return type === "disconnect" && reason !== "link_disabled";
  } catch {
    return false;
  }
}

async function closed(client: Client): Promise<void> {
  if (client.websocket?.isActive()) await client.disconnect();
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** Slack itself says no to the token or the app: trying again changes nothing. */
function isFinal(error: unknown): boolean {
  return codeOf(error) !== undefined && faultOf(error) !== "delayed";
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? (error instanceof Error ? error.message : String(error));
}
