import { createHash, timingSafeEqual } from "node:crypto";
import type { Request, RequestHandler } from "express";
import { isProxied } from "../contract/proxied.ts";
import type { World } from "../world.ts";
import type { Metrics } from "./metrics.ts";

/** So long everybody gets the answer that was made for the first. */
const sharedMs = 5_000;

export interface MetricsAccess {
  /** Whoever reads them must bring it as a bearer token. */
  readonly token?: string | undefined;
  /** They have a listener of their own, at this port and the same host; 0: any free port. */
  readonly port?: number | undefined;
  /** Without a token and a port: only this machine can reach the listener that all share. */
  readonly loopback: boolean;
}

type Page = Pick<Metrics, "contentType" | "text">;

/** The page that Prometheus reads, made at most once in some seconds however many ask. */
export function createMetricsPage(metrics: Page, world: Pick<World, "now">): RequestHandler {
  let made: { readonly at: number; readonly text: Promise<string> } | undefined;
  return async (_req, res) => {
    if (!made || world.now() - made.at >= sharedMs) made = { at: world.now(), text: metrics.text() };
    const { text } = made;
    res.set("Content-Type", metrics.contentType).send(await text);
  };
}

/** Lets only those through who may read the metrics: with the token; else on their own port, or on this machine. */
export function guardMetrics(access: MetricsAccess, ownPort: boolean): RequestHandler {
  return (req, res, next) => {
    if (access.port !== undefined && !ownPort) return void res.status(404).type("text").send("There is nothing here.");
    if (access.token !== undefined) {
      if (isBearer(req, access.token)) return next();
      return void res.status(401).set("WWW-Authenticate", "Bearer").type("text").send("Send METRICS_TOKEN.");
    }
    if (ownPort || (access.loopback && isLocal(req))) return next();
    res.status(403).type("text").send("Metrics are for this machine only: set METRICS_TOKEN, or METRICS_PORT.");
  };
}

function isBearer(req: Request, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(req.get("Authorization") ?? ""), digest(`Bearer ${token}`));
}

/** A proxy on this machine would bring everybody: it tells of itself, or asks by the name that it is known by. */
function isLocal(req: Request): boolean {
  const name = (req.headers.host ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
  return !isProxied(req.headers) && ["127.0.0.1", "localhost", "[::1]"].includes(name);
}
