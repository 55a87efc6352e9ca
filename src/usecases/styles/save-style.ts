import type { Context } from "../../context.ts";
import type { NewStyle, Style, StyleOptions } from "../../contract/styles.ts";
import type { Caller, JobImage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { StoredImage } from "../../image.ts";
import { inputsOf } from "../../jobs/job.ts";
import { audited } from "../../policy/audit-log.ts";
import { lockDocument, memberId, tenantId } from "../../policy/documents.ts";
import { requireAdmin } from "../../policy/rights.ts";
import {
  checkStyleOptions,
  isEmptyStyle,
  maxStyleReferences,
  maxStyles,
  readStyleName,
  type StyleDocument,
} from "../../policy/styles.ts";
import { type Request, sizeText } from "../../request.ts";
import type { Trx } from "../../store/connection.ts";
import { keepStyle, stylesOf } from "../../store/styles.ts";
import { editBase, presentJob, requireFiles } from "../submit/derive-request.ts";
import { openIntake } from "../submit/intake.ts";
import { type StoredStyle, styleView } from "./find-style.ts";

/** The part of a style that its words and files give. */
interface Changes {
  readonly options: StyleOptions;
  /** Undefined: as they were. */
  readonly references: readonly StoredImage[] | undefined;
}

/** Saves a style, or changes the one of that name; see StyleUseCases.save. */
export async function saveStyle(context: Context, style: NewStyle, caller: Caller): Promise<Style> {
  const { name: typed, shared = false, images = [], of, ...given } = style;
  if (shared) requireAdmin(context, caller);
  const { name, foldedName } = readStyleName(typed);
  const result = of && (await styleOfResult(context, of, caller));
  const options = checkStyleOptions({ ...result?.options, ...withoutUndefined(given) });
  const count = images.length;
  if (count > maxStyleReferences) throw new Refusal("too-many-references", { count, max: maxStyleReferences });
  const intake = openIntake(context, caller.member);
  try {
    const taken: StoredImage[] = [];
    for (const file of images) taken.push(await intake.take(file));
    const references = taken.length > 0 ? taken : result && [result.image];
    const key = { owner: shared ? tenantId(caller.tenant) : memberId(caller.member), foldedName, name };
    const saved = await keepChanged(context, key, { options, references }, caller);
    await intake.keep();
    return styleView(saved);
  } catch (error) {
    await intake.discard();
    throw error;
  }
}

/** How a result of the caller's own was drawn, and its image. Throws Refusal `style-image-not-yours`. */
async function styleOfResult(context: Context, of: JobImage, caller: Caller) {
  const job = await presentJob(context, of.job, caller);
  // Else the image would stay after its member has deleted it.
  if (job.member !== caller.member) throw new Refusal("style-image-not-yours", {});
  const { request } = await editBase(context, { ...of, index: of.index ?? 0 }, caller);
  await requireFiles(context, request);
  const [image] = request.references as [StoredImage];
  return { options: optionsOf(job.request), image };
}

function optionsOf({ size, quality, format, background, compression, fidelity }: Request): StyleOptions {
  return {
    size: sizeText(size),
    quality,
    format,
    ...(background === "auto" ? {} : { background }),
    ...(compression === undefined ? {} : { compression }),
    ...(fidelity === "low" ? {} : { fidelity }),
  };
}

type Key = Pick<StoredStyle, "owner" | "foldedName" | "name">;

async function keepChanged(context: Context, key: Key, changes: Changes, caller: Caller): Promise<StoredStyle> {
  let saved: StoredStyle | undefined;
  const keep = async (trx: Trx) => {
    saved = await keepIn(trx, key, changes, { member: caller.member, now: context.world.now() });
    return { name: key.name };
  };
  if (key.owner === memberId(caller.member)) await context.database.transaction(keep);
  else await audited(context, { name: "style-save", subject: key.foldedName, caller }, keep);
  if (saved) return saved;
  const [before] = (await stylesOf<StyleDocument>(context.database.db, [key.owner])).filter(
    ({ foldedName }) => foldedName === key.foldedName,
  );
  if (!before) throw new Refusal("style-unknown", { name: key.name, known: [] });
  return before; // the same event saved it before
}

async function keepIn(
  trx: Trx,
  key: Key,
  { options, references }: Changes,
  { member, now }: { readonly member: string; readonly now: number },
): Promise<StoredStyle> {
  await lockDocument(trx, key.owner, now);
  const styles = await stylesOf<StyleDocument>(trx, [key.owner]);
  const before = styles.find(({ foldedName }) => foldedName === key.foldedName)?.document;
  if (!before && styles.length >= maxStyles) throw new Refusal("too-many-styles", { limit: maxStyles });
  const document: StyleDocument = {
    ...before,
    ...withoutUndefined(options),
    references: references ?? before?.references ?? [],
  };
  checkStyleOptions(optionsIn(document));
  if (isEmptyStyle(document)) throw new Refusal("style-empty", {});
  const inputs = inputsOf({ references: document.references }).map((input) => ({ ...input, member }));
  await keepStyle(trx, { ...key, document }, inputs, now);
  return { ...key, document };
}

function optionsIn({ references: _, ...options }: StyleDocument): StyleOptions {
  return options;
}

function withoutUndefined(options: StyleOptions): StyleOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
