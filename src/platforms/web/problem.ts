import type { ErrorRequestHandler, Request, Response } from "express";
import { Refusal } from "../../errors.ts";
import type { Card } from "../../text/card.ts";
import { fill, type PlaygroundText, playgroundTextFor } from "../../text/playground.ts";
import { refusalSentence, textFor } from "../../text/text.ts";
import type { Log, World } from "../../world.ts";
import { localeOf } from "./caller.ts";

export type ProblemName = keyof PlaygroundText["problems"];

/** An HTTP request that is wrong in itself, whatever the bot thinks of it; worded in text/playground.ts. */
export class Problem extends Error {
  readonly status: number;
  readonly problem: ProblemName;
  readonly facts: Readonly<Record<string, string>>;

  constructor(status: number, problem: ProblemName, facts: Readonly<Record<string, string>> = {}) {
    super(problem);
    this.name = "Problem";
    this.status = status;
    this.problem = problem;
    this.facts = facts;
  }
}

/** The boundary of this platform: a refusal is 422, a wrong request its own 4xx, a bug 500 with a reference; each a card. */
export function answerErrors({ log, world }: { log: Log; world: World }): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error); // the server hangs up: half an answer must not look whole
    const text = textFor(localeOf(req));
    if (error instanceof Refusal) return send(req, res, 422, text.refusal(refusalSentence(text, error)));
    const problem = asProblem(error);
    if (problem) return send(req, res, problem.status, text.refusal(problemSentence(req, problem)), problem.problem);
    const reference = world.id();
    log.error({ err: error, reference }, "web request failed");
    send(req, res, 500, text.bug(reference));
  };
}

export function problemSentence(req: Request, { problem, facts }: Pick<Problem, "problem" | "facts">): string {
  return fill(playgroundTextFor(localeOf(req)).problems[problem], facts);
}

/** A wrong request, whoever found it wrong: Express's own parsers throw errors with a 4xx status. */
export function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const status = Number((error as { status?: unknown } | undefined)?.status);
  if (!(status >= 400 && status < 500)) return undefined;
  return new Problem(status, status === 413 ? "tooLarge" : "notUnderstood");
}

/** The page reads cards; a browser that was sent here by a link gets the words alone. */
function send(req: Request, res: Response, status: number, card: Card, problem?: ProblemName): void {
  res.status(status).set("Cache-Control", "no-store");
  if (req.path.startsWith("/api/") || req.path === "/login/again") res.json({ card, problem });
  else res.type("text").send(card.paragraphs.join("\n"));
}
