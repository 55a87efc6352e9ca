import { join } from "node:path";
import { type RequestHandler, Router } from "express";
import type { Platform, PlatformContext } from "../platform.ts";
import { createApi } from "./api.ts";
import { serveAssets } from "./assets.ts";
import { createDashboard } from "./dashboard/dashboard.ts";
import { type Addresses, refuseForeign, refuseProxied } from "./guard.ts";
import { requirePassword } from "./login.ts";
import type { ApiOptions } from "./options.ts";
import { createPages } from "./pages.ts";
import { answerErrors, Problem } from "./problem.ts";
import { csrfOf } from "./recent-sign-in.ts";
import { prepareUploads, uploadLimits } from "./upload.ts";

const assets = join(import.meta.dirname, "assets");
const dashboardAssets = join(import.meta.dirname, "dashboard", "assets");
/** Actions are a few words each. */
const smallBody = 1_000_000;
const pageFiles = join(import.meta.dirname, "pages");

export interface WebOptions {
  /** The chat; on unless said otherwise. Without it only the dashboard is there, which needs the password. */
  readonly playground?: boolean | undefined;
  /** The server listens on 127.0.0.1 or ::1 only. */
  readonly loopback: boolean;
  /** PUBLIC_URL; counts only with a password. */
  readonly publicUrl?: string | undefined;
  /** DASHBOARD_PASSWORD. Without one, only `loopback` is allowed. */
  readonly password?: string | undefined;
  /** A directory of its own for files that are being uploaded. */
  readonly uploads: string;
}

/** The playground and the dashboard: to be mounted at `/` with `maxBodyBytes`. */
export interface Web extends Platform {
  readonly router: Router;
  readonly maxBodyBytes: number;
}

/**
 * A chat in the browser in which the bot's commands work, where everyone who may open it is the one member `web:local`;
 * and, behind a password, the operator's dashboard.
 */
export function createWeb(options: WebOptions, context: PlatformContext): Web {
  if (!options.loopback && !options.password) throw new Error("a playground that others can reach needs a password");
  const uploads = { directory: options.uploads, world: context.world };
  const closing = new AbortController();
  let started = false;
  const ready = () => started && !closing.signal.aborted;
  return {
    name: "web",
    router: createRouter(
      options,
      { context, uploads, closing: closing.signal, signedIn: Boolean(options.password) },
      ready,
    ),
    maxBodyBytes: options.playground === false ? smallBody : uploadLimits.bodyBytes,
    async start() {
      await prepareUploads(uploads);
      started = true;
    },
    async stop() {
      closing.abort();
    },
    ready,
    async check() {},
    deliver: async ({ job }) => ({ route: "channel", message: `web:${job.id}` }), // the page watches its jobs
  };
}

function createRouter(options: WebOptions, api: ApiOptions, ready: () => boolean): Router {
  const { loopback, publicUrl, password, playground = true } = options;
  const { world, log } = api.context;
  // without a password, a proxy in front of loopback must not open the playground to everybody
  const addresses: Addresses = { loopback, publicUrl: publicUrl && password ? new URL(publicUrl) : undefined };
  const pages = createPages(pageFiles);
  const router = Router();
  router.use(refuseForeign(addresses), refuseUnless(ready));
  if (!password) router.use(refuseProxied);
  router.use("/assets", serveAssets(assets));
  if (password) {
    router.use("/dashboard/assets", serveAssets(dashboardAssets));
    router.use(requirePassword({ password, addresses, world, log, home: playground ? "/" : "/dashboard" }, pages));
    router.use(createDashboard(api.context, { playground }));
  }
  if (playground) {
    router.get("/", (req, res) => pages.send(req, res, "index", { csrf: csrfOf(res) }));
    router.use(createApi(api));
  } else {
    router.get("/", (_req, res) => res.redirect(303, "/dashboard"));
  }
  router.use(answerErrors(api.context));
  return router;
}

function refuseUnless(ready: () => boolean): RequestHandler {
  return (_req, _res, next) => {
    if (!ready()) throw new Problem(503, "stopping");
    next();
  };
}
