import { App, ExpressReceiver, type Receiver, SocketModeReceiver } from "@slack/bolt";
import { Router } from "express";
import type { Log } from "../../world.ts";
import { boltLogger } from "./log.ts";
import type { SlackOptions } from "./parts.ts";

/** How events come in. */
export interface Connection {
  readonly app: App;
  /** HTTP mode only, to be mounted at /slack/events; answers 503 while it is not open. */
  readonly router?: Router;
  open(): Promise<void>;
  close(): Promise<void>;
  isOpen(): boolean;
}

/** Socket Mode with an app token, else HTTP; nothing connects before `open`. */
export function createConnection(options: SlackOptions, log: Log): Connection {
  if (options.appToken) return socketConnection(options, options.appToken, log);
  if (options.signingSecret) return httpConnection(options, options.signingSecret, log);
  throw new Error("Slack needs an app token (Socket Mode) or a signing secret (HTTP).");
}

function socketConnection(options: SlackOptions, appToken: string, log: Log): Connection {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: boltLogger(log),
    // retries are left as they are: this client only opens connections, which may be repeated
    installerOptions: { clientOptions: { slackApiUrl: options.apiUrl } },
  });
  let open = false;
  receiver.client.on("connected", () => {
    open = true;
  });
  receiver.client.on("close", () => {
    open = false;
  });
  return {
    app: boltApp(options, receiver, log),
    open: async () => void (await receiver.start()),
    close: () => receiver.client.disconnect(),
    isOpen: () => open,
  };
}

function httpConnection(options: SlackOptions, signingSecret: string, log: Log): Connection {
  let open = false;
  const router = Router();
  router.use((_request, response, next) => {
    if (open) next();
    else response.status(503).end(); // Slack tries again
  });
  const receiver = new ExpressReceiver({
    signingSecret,
    router,
    endpoints: "/",
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

/** `authorize` asks nobody: Bolt awaits it before our listeners run, and the 3 s are theirs. */
function boltApp({ botToken, apiUrl }: SlackOptions, receiver: Receiver, log: Log): App {
  const app = new App({
    receiver,
    authorize: async () => ({ botToken }),
    convoStore: false,
    logger: boltLogger(log),
    clientOptions: { slackApiUrl: apiUrl },
  });
  app.error(async (error) => log.error({ err: error }, "Bolt could not handle an event"));
  return app;
}
