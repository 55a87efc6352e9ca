import type { ErrorRequestHandler } from "express";
import { Refusal, type RefusalCode } from "../../../errors.ts";
import { refusalSentence, textFor } from "../../../text/text.ts";
import { localeOf } from "../caller.ts";
import { asProblem, problemSentence } from "../problem.ts";
import type { VisitContext } from "./context.ts";
import type { VisitPages } from "./pages.ts";
import { asksForData } from "./session.ts";

const gone = 410;
const statuses: Partial<Record<RefusalCode, number>> = {
  "link-unknown": 404,
  "link-used": gone,
  "link-late": gone,
  "visit-over": gone,
  "visit-not-yours": 403,
  "tenant-not-allowed": 403,
};
const otherRefusals = 422;

/** Answers every error as a page for people, or as a card for the page that asks; a bug is logged under a reference. */
export function answerProblems(
  { log, world }: Pick<VisitContext, "log" | "world">,
  pages: VisitPages,
): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error); // the server hangs up: half an answer must not look whole
    const text = textFor(localeOf(req));
    const answer = (status: number, sentence: string, card = text.refusal(sentence)) => {
      res.status(status);
      if (asksForData(req)) res.json({ card });
      else pages.sendClosed(req, res, sentence);
    };
    if (error instanceof Refusal)
      return answer(statuses[error.code as RefusalCode] ?? otherRefusals, refusalSentence(text, error));
    const problem = asProblem(error);
    if (problem) return answer(problem.status, problemSentence(req, problem));
    const reference = world.id();
    log.error({ err: error, reference }, "a member's page failed");
    const bug = text.bug(reference);
    answer(500, bug.paragraphs.join(" "), bug);
  };
}
