import type { Response } from "express";
import { Problem } from "./problem.ts";
import type { Session } from "./sessions.ts";

const recentMs = 15 * 60 * 1000;

/** Guards changes of money and rules: a session that is left open must not be enough. Throws Problem when it is asked anew. */
export function requireRecentSignIn(res: Response, now: number): void {
  const session = sessionOf(res);
  if (session && now - session.provenAt > recentMs) throw new Problem(403, "signInAgain");
}

/** The session of this request; undefined where no password is needed. */
export function sessionOf(res: Response): Session | undefined {
  return res.locals.session as Session | undefined;
}

/** The token of that session; empty where no password is needed. */
export function csrfOf(res: Response): string {
  return sessionOf(res)?.csrf ?? "";
}
