import { createHash, timingSafeEqual } from "node:crypto";
import { type Request, type RequestHandler, type Response, Router, urlencoded } from "express";
import { dashboardTextFor } from "../../text/dashboard.ts";
import { playgroundTextFor } from "../../text/playground.ts";
import { localeOf } from "./caller.ts";
import { createLoginLimiter } from "./login-limiter.ts";
import type { Pages } from "./pages.ts";
import { Problem, type ProblemName, problemSentence } from "./problem.ts";
import { createSessions, type SessionOptions } from "./sessions.ts";

const dashboard = "/dashboard";

export interface LoginOptions extends SessionOptions {
  /** Where a login leads that was not asked for by another page. */
  readonly home: string;
}

/**
 * Lets nobody past without the password: pages lead to the login page, everything else is 401. What changes something
 * needs the session's own token, too: `csrfOf` tells it to the pages.
 */
export function requirePassword(options: LoginOptions, pages: Pages): Router {
  const sessions = createSessions(options);
  const limiter = createLoginLimiter(options);
  const router = Router();
  const form = urlencoded({ extended: false, limit: "4kb" });

  router.get("/login", (req, res) => pages.send(req, res, "login", loginWords(req, options, "")));

  router.post("/login", form, async (req, res) => {
    const given = String(req.body?.password ?? "");
    const attempt = await limiter.attempt(req.ip ?? "", () => same(given, options.password));
    if (attempt !== "right") return refuse(req, res, attempt, options, pages);
    await sessions.open(req, res);
    res.redirect(303, wantsDashboard(req) ? dashboard : options.home);
  });

  router.post("/logout", form, async (req, res) => {
    const session = await sessions.find(req);
    if (session) requireToken(String(req.body?.csrf ?? ""), session.csrf);
    await sessions.close(req, res);
    res.redirect(303, "/login");
  });

  router.use(async (req, res, next) => {
    const session = await sessions.find(req);
    if (!session) return strangers(req, res, next);
    const safe = req.method === "GET" || req.method === "HEAD";
    if (!safe) requireToken(req.get("X-CSRF-Token") ?? "", session.csrf);
    res.locals.csrf = session.csrf;
    next();
  });
  return router;
}

/** The token of the session of this request; empty where no password is needed. */
export function csrfOf(res: Response): string {
  return typeof res.locals.csrf === "string" ? res.locals.csrf : "";
}

const strangers: RequestHandler = (req, res) => {
  if (req.path === dashboard) return res.redirect(303, "/login?to=dashboard");
  if (req.path === "/") return res.redirect(303, "/login");
  throw new Problem(401, "signIn");
};

function requireToken(given: string, wanted: string): void {
  if (!same(given, wanted)) throw new Problem(403, "stale");
}

/** One place only: whatever else stands there leads home. */
function wantsDashboard(req: Request): boolean {
  return req.query.to === "dashboard";
}

function loginWords(req: Request, { home }: LoginOptions, message: string): Readonly<Record<string, string>> {
  const locale = localeOf(req);
  return wantsDashboard(req) || home === dashboard
    ? { message, action: "/login?to=dashboard", signInHint: dashboardTextFor(locale).signInHint }
    : { message, action: "/login", signInHint: playgroundTextFor(locale).signInHint };
}

function refuse(req: Request, res: Response, attempt: "wrong" | "wait", options: LoginOptions, pages: Pages): void {
  const problem: ProblemName = attempt === "wait" ? "tooManyTries" : "wrongPassword";
  res.status(attempt === "wait" ? 429 : 401);
  if (attempt === "wait") res.set("Retry-After", "60");
  pages.send(req, res, "login", loginWords(req, options, problemSentence(req, { problem, facts: {} })));
}

/** Takes the same time however much of it is right, or long. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
