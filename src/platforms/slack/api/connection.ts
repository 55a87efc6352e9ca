import { App, ExpressReceiver, type Receiver, type ReceiverEvent } from "@slack/bolt";
import { type RequestHandler, Router } from "express";
import type { PlatformContext } from "../../platform.ts";
import type { SlackOptions } from "../options.ts";
import { addInstallPages } from "./install-pages.ts";
import { boltLogger } from "./log.ts";
import { createSockets } from "./sockets.ts";
import { withoutNulls } from "./without-nulls.ts";
import type { Workspaces } from "./workspaces.ts";

/** Tells how events come in. */
export interface Connection {
  readonly app: App;
  /** To be mounted at /slack: events in HTTP mode (503 while it is not open), and the pages that install the app. */
  readonly router?: Router;
  /** Rejects when Slack refuses the app token; while Slack cannot be reached, goes on trying after it has resolved. */
  open(): Promise<void>;
  close(): Promise<void>;
  isOpen(): boolean;
}

/** Socket Mode with an app token, else HTTP; nothing connects before `open`. */
export function createConnection(options: SlackOptions, workspaces: Workspaces, context: PlatformContext): Connection {
  const { appToken, signingSecret, oauth } = options;
  const router = Router();
  const connection = appToken
    ? socketConnection(options, appToken, context)
    : httpConnection(options, signingSecret, router, context);
  if (oauth) addInstallPages(router, { ...options, oauth }, workspaces, context);
  return appToken && !oauth ? connection : { ...connection, router };
}

function socketConnection(options: SlackOptions, appToken: string, context: PlatformContext): Connection {
  const sockets = createSockets({ appToken, apiUrl: options.apiUrl }, context);
  return {
    app: boltApp(options, sockets, context.log),
    open: () => sockets.start(),
    close: () => sockets.stop(),
    isOpen: () => sockets.isOpen(),
  };
}

function httpConnection(
  options: SlackOptions,
  signingSecret: string | undefined,
  router: Router,
  { log, world }: PlatformContext,
): Connection {
  if (!signingSecret) throw new Error("Slack needs an app token (Socket Mode) or a signing secret (HTTP).");
  let open = false;
  const whenOpen: RequestHandler = (_request, response, next) => {
    if (open) next();
    else response.status(503).end(); // Slack tries again
  };
  router.use("/events", whenOpen, notFromTheFuture(world.now));
  const receiver = new ExpressReceiver({
    signingSecret,
    router,
    endpoints: "/events",
    bodyLimit: "1mb",
    logger: boltLogger(log),
  });
  return {
    app: boltApp(options, receiver, log),
    router,
    open: async () => {
      open = true;
    },
    close: async () => {
      open = false;
    },
    isOpen: () => open,
  };
}

const windowMs = 5 * 60_000;

/** Bolt refuses what is older than five minutes; a time as far ahead would make a signature last that much longer. */
function notFromTheFuture(now: () => number): RequestHandler {
  return (request, response, next) => {
    const atMs = Number(request.get("x-slack-request-timestamp")) * 1000;
    if (atMs > now() + windowMs) response.status(401).end();
    else next();
  };
}

/** `authorize` asks nobody: Bolt awaits it before our listeners run, and the 3 s are theirs. */
function boltApp({ apiUrl }: SlackOptions, receiver: Receiver, log: PlatformContext["log"]): App {
  const app = new AppWithoutNulls({
    receiver,
    authorize: async () => ({}),
    convoStore: false,
    ignoreSelf: false, // listeners take no event of any bot
    logger: boltLogger(log),
    clientOptions: { slackApiUrl: apiUrl, fetch: fetchInTime },
  });
  app.error(async (error) => log.error({ err: error }, "Bolt could not handle an event"));
  return app;
}

/** In Slack's payloads null and nothing mean the same; Bolt itself stumbles over some of them. */
class AppWithoutNulls extends App {
  override processEvent(event: ReceiverEvent): Promise<void> {
    return super.processEvent({ ...event, body: withoutNulls(event.body) as ReceiverEvent["body"] });
  }
}

const responseUrlMs = 10_000;

/** Bolt answers response URLs with it, and would wait for ever. */
const fetchInTime: typeof fetch = (url, init) =>
  fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(responseUrlMs) });
