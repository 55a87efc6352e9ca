import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from "express";
import type { Log, World } from "../world.ts";
import { capBody, securityHeaders } from "./guards.ts";
import type { Metrics } from "./metrics.ts";
import { createMetricsPage, guardMetrics, type MetricsAccess } from "./metrics-page.ts";
import { createOpenResponses, type OpenResponses } from "./open-responses.ts";
import { type SentencesFor, sentencesTo } from "./sentences.ts";

const megabyte = 1_000_000;

/** A room's own routes under `path`; longer paths are asked first. */
interface Mount {
  readonly path: string;
  readonly handler: Router;
  /** 1 MB unless said otherwise. */
  readonly maxBodyBytes?: number;
}

export interface ServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly mounts: readonly Mount[];
  /** Tells, by name, which conditions hold that must be true before traffic is welcome. */
  ready(): Promise<Readonly<Record<string, boolean>>>;
  readonly metrics: Pick<Metrics, "contentType" | "text"> & Partial<Pick<Metrics, "tellReadiness">>;
  /** Only this machine unless said otherwise. */
  readonly metricsAccess?: MetricsAccess;
  /** Addresses and networks whose X-Forwarded-* headers count. */
  readonly trustedProxies?: readonly string[];
  /** The address that others reach it by is one of https. */
  readonly https?: boolean;
  readonly sentences: SentencesFor;
  readonly log: Log;
  readonly world: World;
  /** Shorter in tests. */
  readonly timeouts?: Timeouts;
}

interface Timeouts {
  /** Until all headers of a request are here; a slow-loris is cut off then (N3). */
  readonly headersMs: number;
  /** Until the whole request is here: sixteen photographs over a telephone. */
  readonly requestMs: number;
  /** The two are looked at so often. */
  readonly checkMs: number;
  /** Answers under way get so long at `stop` before their sockets are closed. */
  readonly stopMs: number;
}

const usualTimeouts: Timeouts = { headersMs: 10_000, requestMs: 180_000, checkMs: 5_000, stopMs: 5_000 };

/** Longer than the idle minute of common reverse proxies, so that the proxy hangs up first. */
const keepAliveTimeout = 65_000;

export interface HttpServer {
  /** Resolves with the port once it listens; rejects when a port is taken. */
  start(): Promise<number>;
  /** The port on which the metrics have a listener of their own; undefined while they have none. */
  metricsPort(): number | undefined;
  /** Takes no more connections, ends event streams and idle sockets, lets other answers finish for a while. */
  stop(): Promise<void>;
}

/** The one HTTP server of this process: health, readiness, metrics, and the mounts, behind the same guards. */
export function createServer(options: ServerOptions): HttpServer {
  const open = createOpenResponses();
  options.metrics.tellReadiness?.(options.ready);
  const { headersMs, requestMs, checkMs, stopMs } = options.timeouts ?? usualTimeouts;
  const limits = {
    ...{ headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs, keepAliveTimeout },
  };
  const page = createMetricsPage(options.metrics, options.world);
  const server = createHttpServer(limits, createApp(options, open, page));
  const { port } = options.metricsAccess ?? onlyHere;
  const beside = port === undefined ? undefined : createHttpServer(limits, metricsApp(options, open, page));
  for (const each of [server, beside]) each?.on("connection", open.accept);
  return {
    async start() {
      if (beside && port !== undefined) await listen(beside, { host: options.host, port });
      return listen(server, options);
    },
    metricsPort: () => (beside?.address() as AddressInfo | null | undefined)?.port,
    stop: () => stop([server, ...(beside ? [beside] : [])], open, (signal) => options.world.sleep(stopMs, signal)),
  };
}

const onlyHere: MetricsAccess = { loopback: true };

/** Nothing but the metrics, on a listener of their own. */
function metricsApp(options: ServerOptions, open: OpenResponses, page: RequestHandler): express.Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(open.track, securityHeaders(false));
  app.get("/metrics", guardMetrics(options.metricsAccess ?? onlyHere, true), page);
  app.use(nothingHere(options.sentences), lastResort(options));
  return app;
}

function nothingHere(sentences: SentencesFor): RequestHandler {
  return (req, res) => void res.status(404).type("text").send(sentencesTo(req, sentences).nothingHere);
}

function createApp(options: ServerOptions, open: OpenResponses, page: RequestHandler): express.Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", options.trustedProxies ?? false);
  app.use(open.track, securityHeaders(options.https === true));
  app.get("/healthz", (_req, res) => void res.type("text").send("ok"));
  app.get("/readyz", readiness(options));
  app.get("/metrics", guardMetrics(options.metricsAccess ?? onlyHere, false), page);
  for (const mount of options.mounts.toSorted((a, b) => b.path.length - a.path.length)) {
    app.use(mount.path, capBody(mount.maxBodyBytes ?? megabyte), mount.handler);
  }
  app.use(nothingHere(options.sentences), lastResort(options));
  return app;
}

function readiness(options: ServerOptions): RequestHandler {
  return async (_req, res) => {
    const checks = await options.ready().catch((error: unknown) => {
      options.log.warn({ err: error }, "readiness cannot be told");
      return { checks: false };
    });
    const ready = Object.values(checks).every(Boolean);
    res.status(ready ? 200 : 503).json({ ready, checks });
  };
}

/** Faults of the client carry a status (body parsers, malformed paths); anything else is ours, and only logged. */
function lastResort({ log, sentences }: ServerOptions): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error); // express hangs up: half an answer must not look whole
    const status = Number(error?.status);
    const { notUnderstood, failed } = sentencesTo(req, sentences);
    const theirs = status >= 400 && status < 500;
    if (!theirs) log.error({ err: error }, "request failed");
    res
      .status(theirs ? status : 500)
      .type("text")
      .send(theirs ? notUnderstood : failed);
  };
}

function listen(server: Server, { host, port }: Pick<ServerOptions, "host" | "port">): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function stop(
  servers: readonly Server[],
  open: OpenResponses,
  patience: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const impatient = new AbortController();
  const closed = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  open.end();
  await Promise.race([closed, patience(impatient.signal)]);
  impatient.abort();
  for (const server of servers) server.closeAllConnections();
  await closed;
}
