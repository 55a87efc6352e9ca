import { createHash, timingSafeEqual } from "node:crypto";
import { type Request, type Response, Router, urlencoded } from "express";
import { createLoginLimiter } from "./login-limiter.ts";
import type { Pages } from "./pages.ts";
import { Problem, type ProblemName, problemSentence } from "./problem.ts";
import { createSessions, type SessionOptions } from "./sessions.ts";

/** Lets nobody past without the password: pages lead to the login page, everything else is 401. */
export function requirePassword(options: SessionOptions, pages: Pages): Router {
  const sessions = createSessions(options);
  const limiter = createLoginLimiter(options);
  const router = Router();

  router.get("/login", (req, res) => pages.send(req, res, "login", { message: "" }));

  router.post("/login", urlencoded({ extended: false, limit: "4kb" }), async (req, res) => {
    const given = String(req.body?.password ?? "");
    const attempt = await limiter.attempt(req.ip ?? "", () => same(given, options.password));
    if (attempt !== "right") return refuse(req, res, attempt, pages);
    await sessions.open(req, res);
    res.redirect(303, "/");
  });

  router.post("/logout", async (req, res) => {
    await sessions.close(req, res);
    res.redirect(303, "/login");
  });

  router.use(async (req, res, next) => {
    if (await sessions.isOpen(req)) return next();
    if (req.path === "/") return res.redirect(303, "/login");
    throw new Problem(401, "signIn");
  });
  return router;
}

function refuse(req: Request, res: Response, attempt: "wrong" | "wait", pages: Pages): void {
  const problem: ProblemName = attempt === "wait" ? "tooManyTries" : "wrongPassword";
  res.status(attempt === "wait" ? 429 : 401);
  if (attempt === "wait") res.set("Retry-After", "60");
  pages.send(req, res, "login", { message: problemSentence(req, { problem, facts: {} }) });
}

/** Takes the same time however much of it is right, or long. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
