import type { RequestHandler, Response } from "express";
import type { AnyCommand } from "../../command/command.ts";
import type { AsWritten } from "../../contract/usecases.ts";
import { textFor } from "../../text/text.ts";
import { type FormParts, readAnswers } from "./answers.ts";
import { callerOf } from "./caller.ts";
import { sendInPieces } from "./in-pieces.ts";
import type { ApiOptions } from "./options.ts";
import { Problem } from "./problem.ts";
import { readTyped, shownWords } from "./read-typed.ts";
import { requireRecentSignIn } from "./recent-sign-in.ts";
import { type ReplyJson, replyJson } from "./reply-json.ts";
import { requestKey } from "./request-key.ts";
import { withParts } from "./upload.ts";

/**
 * Runs the command that the path names with a form's answers. With `?literal`, words in the prompt are no options; with
 * `?agreed`, the page has shown the price, and has asked where it had to; `?read=` are the options that it has shown
 * beside that price, so that they need not be asked about when they are those that are taken from the words.
 */
export function runCommand({ context, uploads }: ApiOptions): RequestHandler<{ name: string }> {
  const { commands, usecases, world, observer } = context;
  return async (req, res) => {
    const began = world.now();
    const command = commands.find(({ name }) => name === req.params.name);
    if (!command) throw new Problem(404, "noCommand");
    if (command.audience === "admins") requireRecentSignIn(res, began);
    const caller = callerOf(req, requestKey(req));
    const text = textFor(caller.locale);
    const reply = await withParts(req, command, uploads, (parts) => {
      const typed = "literal" in req.query ? { parts } : withWords(command, parts);
      const agreed = "agreed" in req.query;
      const submission = { confirmed: agreed, sawNotes: agreed };
      const asWritten = submission.confirmed && typed.shown === req.query.read ? undefined : typed.asWritten;
      return command.run({ answers: readAnswers(command, typed.parts), asWritten, caller, usecases, text, submission });
    });
    const json = replyJson(reply, text, world.now());
    await (json.kind === "data" ? sendDocument(res, json) : res.json(json));
    observer.acknowledged({ platform: "web", ms: world.now() - began });
  };
}

/** A member's data may be long: its JSON is written piece by piece. */
async function sendDocument(res: Response, { document, ...rest }: Extract<ReplyJson, { kind: "data" }>): Promise<void> {
  res.type("json");
  const pieces = document.map((piece, at) => (at === 0 ? "" : ",") + JSON.stringify(piece));
  await sendInPieces(res, [`${JSON.stringify(rest).slice(0, -1)},"document":[`, ...pieces, "]}"]);
}

interface FormRead {
  readonly parts: FormParts;
  /** The sentence before options were taken out of it, and these options as the page shows them. */
  readonly asWritten?: AsWritten | undefined;
  readonly shown?: string;
}

/** The form with the options that stood in its prompt. */
function withWords({ fields }: AnyCommand, { values, files }: FormParts): FormRead {
  const prompt = values.get("prompt")?.replaceAll("\r\n", "\n"); // forms end every line so
  if (prompt === undefined) return { parts: { values, files } };
  const { prompt: bare, read, asWritten } = readTyped(prompt, new Set(values.keys()), fields);
  const parts = { values: new Map([...values, ...Object.entries(read), ["prompt", bare]]), files };
  return { parts, asWritten, shown: shownWords(read).join(",") };
}
