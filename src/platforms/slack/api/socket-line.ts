import { type App, SocketModeReceiver } from "@slack/bolt";
import type { Log } from "../../../world.ts";
import { boltLogger } from "./log.ts";

/** Options for reaching Slack by Socket Mode. */
export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl: string;
}

/** One connection. */
export interface Line {
  readonly close: () => Promise<void>;
  readonly isAlive: () => boolean;
  /** Slack has said that it will close it: another one takes its place. */
  leaving: boolean;
}

/** Slack says hello within this time, or the connection is given up. */
const helloMs = 15_000;

interface LineEvents {
  readonly lost: (line: Line, reason: string) => void;
  readonly renew: (line: Line) => Promise<void>;
  /** Ends what waits for Slack. */
  readonly signal: AbortSignal;
}

/** Resolves once Slack has said hello. Rejects with what the Web API throws, and when it was closed before that. */
export async function openLine(
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
    throw error ?? new Error("closed before it was open");
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
