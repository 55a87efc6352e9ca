import type { RequestHandler } from "express";
import type { Draft, Order, Visit } from "../../../contract/usecases.ts";
import { createTurns } from "../../../flow/turns.ts";
import type { IncomingImage } from "../../../image.ts";
import { textFor } from "../../../text/text.ts";
import type { FormParts } from "../answers.ts";
import { localeOf } from "../caller.ts";
import { Problem } from "../problem.ts";
import { requestKey } from "../request-key.ts";
import { prepareUploads, type UploadOptions, withParts } from "../upload.ts";
import type { VisitContext } from "./context.ts";
import { callerOf, visitOf } from "./session.ts";

/** The fields of the form that the page sends. */
const fields = Object.fromEntries(
  ["prompt", "provider", "quality", "size", "mask", "markup", "canvas"].map((name) => [name, {}]),
);

/** Takes what was painted and makes an ordinary edit of it: a job, or a question whether it may cost so much. */
export function createPainting(
  { uploads }: { readonly uploads: UploadOptions },
  { usecases }: VisitContext,
): RequestHandler {
  let prepared: Promise<void> | undefined;
  const turns = createTurns(); // a body is not read before its turn: a member fills no disk with many at once
  return async (req, res) => {
    const caller = callerOf(res, requestKey(req));
    const visit = visitOf(res);
    prepared ??= prepareUploads(uploads);
    await prepared;
    const found = visit.page.kind === "paint" ? undefined : await usecases.visits.image(visit);
    const submitted = await turns.take(caller.member, () =>
      withParts(req, { fields }, uploads, (parts) =>
        usecases.submit(
          orderOf(visit, parts, found && { filename: found.image.file, source: { path: found.path } }),
          caller,
        ),
      ),
    );
    const text = textFor(localeOf(req));
    if (submitted.kind === "job") return void res.json({ job: submitted.job.id, card: text.job(submitted.job) });
    if (submitted.kind === "batch") throw new Error("what was painted is one image"); // its words are literal
    const { confirmation } = submitted;
    const { title, paragraphs } = text.confirmation(confirmation);
    res.json({ confirmation: confirmation.id, card: { title, paragraphs } });
  };
}

function orderOf({ page }: Visit, parts: FormParts, found: IncomingImage | undefined): Order {
  const { values } = parts;
  const canvas = oneOf(parts, "canvas");
  const given = (name: string) => values.get(name) || undefined;
  const draft: Draft = {
    prompt: (values.get("prompt") ?? "").replaceAll("\r\n", "\n"), // forms end every line so
    ...{ provider: given("provider"), quality: given("quality"), size: given("size") },
    mask: oneOf(parts, "mask"),
    literal: true,
  };
  const markup = present(oneOf(parts, "markup"));
  if (page.kind === "paint") {
    return {
      kind: "edit",
      of: page.of,
      draft: { ...draft, images: [...present(canvas), ...markup] },
      canvas: canvas !== undefined,
    };
  }
  return { kind: "draft", draft: { ...draft, style: "none", images: [...present(canvas ?? found), ...markup] } };
}

function oneOf({ files }: FormParts, name: string): IncomingImage | undefined {
  const given = files.get(name) ?? [];
  if (given.length > 1) throw new Problem(400, "notUnderstood");
  return given[0];
}

function present(image: IncomingImage | undefined): readonly IncomingImage[] {
  return image === undefined ? [] : [image];
}
