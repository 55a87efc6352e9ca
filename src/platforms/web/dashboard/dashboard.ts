import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router } from "express";
import { dashboardTextFor } from "../../../text/dashboard.ts";
import type { PlatformContext } from "../../platform.ts";
import { localeOf } from "../caller.ts";
import { sendPage } from "../pages.ts";
import { csrfOf } from "../recent-sign-in.ts";
import { createActions } from "./actions.ts";
import { createExports } from "./exports.ts";
import { createReads } from "./reads.ts";

const page = readFileSync(join(import.meta.dirname, "dashboard.html"), "utf8");

/** The operator's own pages, to be mounted at `/` behind the password. `playground`: there is one to lead to. */
export function createDashboard(context: PlatformContext, { playground }: { readonly playground: boolean }): Router {
  const router = Router();
  router.get("/dashboard", (req, res) => {
    const { title, playground: chat, signOut, loading, sections } = dashboardTextFor(localeOf(req));
    const home = playground ? "/" : "/dashboard";
    const words = { title, signOut, loading, sections: sections.title, csrf: csrfOf(res), home, chat };
    sendPage(req, res, page, words);
  });
  router.use("/api/dashboard", (_req, res, next) => {
    res.set("Cache-Control", "no-store");
    next();
  });
  router.use("/api/dashboard", createReads(context), createActions(context), createExports(context));
  return router;
}
