import type { Caller } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import type { IncomingImage } from "../../../image.ts";
import type { SlackContext } from "../context.ts";
import { askFor, incomingImages } from "../events/incoming.ts";
import { fileKey, messageKey } from "../keys.ts";
import type { StepEvent } from "./step-event.ts";

/** The images that a step starts from: names of saved ones, and files. */
export interface StepReferences {
  readonly saved: readonly string[];
  readonly images: readonly IncomingImage[];
}

/**
 * Reads `@fox`, ids of files and links to files or to messages of the app. The app sees more than whoever builds a workflow, and
 * nobody knows in which private channels they are: a file counts where everybody sees it, or whoever started the workflow sent
 * it; an image of the app's own where it was made for them. Throws Refusal, which names what is not to be used.
 */
export async function stepReferences(slack: SlackContext, event: StepEvent, caller: Caller): Promise<StepReferences> {
  const { team, inputs } = event;
  const saved: string[] = [];
  const images: IncomingImage[] = [];
  for (const word of wordsIn(inputs.references ?? "")) {
    if (/^[@＠]./u.test(word)) {
      saved.push(word.slice(1));
      continue;
    }
    const keys = fileOrMessage(team, word);
    if (!keys) throw new Refusal("step-reference-unknown", { words: word });
    const own = await ownImages(slack, keys.key, caller);
    if (own) images.push(...own);
    else if (keys.file === undefined) throw new Refusal("step-reference-unknown", { words: word });
    else images.push(...(await sharedFile(slack, event, keys.file)));
  }
  return { saved, images };
}

/** Without Slack's marks around links; a link has no commas. */
function wordsIn(text: string): readonly string[] {
  return text
    .replaceAll(/<(https?:[^<>|]*)(?:\|[^<>]*)?>/gi, " $1 ")
    .replaceAll("&amp;", "&")
    .split(/[\s,，、;；]+/u)
    .filter(Boolean);
}

function fileOrMessage(team: string, word: string): { readonly key: string; readonly file?: string } | undefined {
  const file =
    /^(F[A-Z0-9]{5,})$/.exec(word)?.[1] ??
    /^https:\/\/[^/]+\/files(?:-pri)?\/(?:\w+[/-])(F[A-Z0-9]{5,})\b/.exec(word)?.[1];
  if (file !== undefined) return { key: fileKey(team, file), file };
  const [, channel, seconds, micros] = /^https:\/\/[^/]+\/archives\/(\w+)\/p(\d{10})(\d{6})\b/.exec(word) ?? [];
  return channel ? { key: messageKey(team, { channel, ts: `${seconds}.${micros}` }) } : undefined;
}

/** The images of a job of the caller's; undefined when the key is not of one. */
async function ownImages({ context }: SlackContext, key: string, caller: Caller): Promise<IncomingImage[] | undefined> {
  const { usecases } = context;
  const job = await usecases.jobOfMessage(key, caller);
  if (job?.member !== caller.member) return undefined;
  const files = await Promise.all(job.images.map((_, index) => usecases.imageFile({ job: job.id, index }, caller)));
  return files.map(({ path, image }, index) => ({
    filename: `${job.id}-${index + 1}.${image.format}`,
    source: { path },
  }));
}

async function sharedFile(
  slack: SlackContext,
  { team, starter }: StepEvent,
  id: string,
): Promise<readonly IncomingImage[]> {
  const file = await askFor(slack, team, { id });
  const isTheirs = starter !== undefined && file.user === starter;
  if (!file.is_public && !isTheirs) throw new Refusal("step-file-closed", { file: id });
  return incomingImages(slack, team, [{ ...file, id }]);
}
