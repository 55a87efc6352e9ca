import { createHash, timingSafeEqual } from "node:crypto";
import { json, type Request, type RequestHandler, type Response, Router, urlencoded } from "express";
import { z } from "zod";
import { dashboardTextFor } from "../../text/dashboard.ts";
import { playgroundTextFor } from "../../text/playground.ts";
import type { Log, World } from "../../world.ts";
import { localeOf } from "./caller.ts";
import type { Addresses } from "./guard.ts";
import { createKnownDevices } from "./known-device.ts";
import { type Attempt, createLoginLimiter } from "./login-limiter.ts";
import type { Pages } from "./pages.ts";
import { Problem, type ProblemName, problemSentence } from "./problem.ts";
import { sessionOf } from "./recent-sign-in.ts";
import { createSessions } from "./sessions.ts";
import { visitorAddress } from "./visitor-address.ts";

const dashboard = "/dashboard";
const retryAfterSeconds = "60";

export interface LoginOptions {
  readonly password: string;
  readonly addresses: Addresses;
  readonly world: World;
  readonly log: Log;
  /** The page that a login leads to when it was not asked for by another page. */
  readonly home: string;
}

/**
 * Lets nobody past without the password: pages lead to the login page, everything else is 401. What changes something
 * needs the session's own token, too: `csrfOf` tells it to the pages.
 */
export function requirePassword(options: LoginOptions, pages: Pages): Router {
  const sessions = createSessions(options);
  const devices = createKnownDevices(options);
  const attempt = attempts(options, devices);
  const router = Router();
  const form = urlencoded({ extended: false, limit: "4kb" });

  router.get("/login", (req, res) => pages.send(req, res, "login", loginWords(req, options, "")));

  router.post("/login", form, async (req, res) => {
    const outcome = await attempt(req, String(req.body?.password ?? ""));
    if (outcome !== "right") return refuse(req, res, outcome, options, pages);
    sessions.open(req, res);
    await devices.remember(req, res);
    res.redirect(303, wantsDashboard(req) ? dashboard : options.home);
  });

  router.post("/logout", form, (req, res) => {
    const session = sessions.find(req);
    if (session) requireToken(String(req.body?.csrf ?? ""), session.csrf);
    sessions.close(req, res);
    res.redirect(303, "/login");
  });

  router.use((req, res, next) => {
    const session = sessions.find(req);
    if (!session) return strangers(req, res, next);
    const safe = req.method === "GET" || req.method === "HEAD";
    if (!safe) requireToken(req.get("X-CSRF-Token") ?? "", session.csrf);
    res.locals.session = session;
    next();
  });

  router.post("/login/again", json({ limit: "4kb" }), async (req, res) => {
    const given = again.safeParse(req.body);
    if (!given.success) throw new Problem(400, "notUnderstood");
    const outcome = await attempt(req, given.data.password);
    if (outcome !== "right") throw new Problem(outcome === "wait" ? 429 : 403, problemOf(outcome));
    const session = sessionOf(res);
    if (session) sessions.prove(session);
    res.json({ done: true });
  });
  return router;
}

const again = z.object({ password: z.string().max(1000) });

/** Compares one password, within the limits, and logs who tried. */
function attempts({ password, addresses, world, log }: LoginOptions, devices: ReturnType<typeof createKnownDevices>) {
  const limiter = createLoginLimiter(world);
  return async (req: Request, given: string): Promise<Attempt> => {
    const device = await devices.read(req);
    const address = visitorAddress(req, addresses.publicUrl !== undefined);
    const outcome = limiter.attempt({ address, device }, () => same(given, password));
    const facts = { address: address ?? req.ip, device: device === undefined ? "new" : "known" };
    if (outcome === "right") log.info(facts, "somebody signed in");
    else if (outcome === "wrong") log.warn(facts, "somebody gave a wrong password");
    else log.warn(facts, "a sign-in was refused: too many wrong passwords");
    return outcome;
  };
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

function problemOf(attempt: "wrong" | "wait"): ProblemName {
  return attempt === "wait" ? "tooManyTries" : "wrongPassword";
}

function refuse(req: Request, res: Response, attempt: "wrong" | "wait", options: LoginOptions, pages: Pages): void {
  res.status(attempt === "wait" ? 429 : 401);
  if (attempt === "wait") res.set("Retry-After", retryAfterSeconds);
  const message = problemSentence(req, { problem: problemOf(attempt), facts: {} });
  pages.send(req, res, "login", loginWords(req, options, message));
}

/** Takes the same time however much of it is right, or long. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
