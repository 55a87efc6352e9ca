import type { Context } from "../../context.ts";
import type { NewSavedImage, SavedImage } from "../../contract/references.ts";
import type { Caller, JobImage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { StoredImage } from "../../image.ts";
import { audited } from "../../policy/audit-log.ts";
import { lockDocument, memberId, tenantId } from "../../policy/documents.ts";
import { maxSavedImages, readReferenceName } from "../../policy/reference-names.ts";
import { requireAdmin } from "../../policy/rights.ts";
import type { Trx } from "../../store/connection.ts";
import { keepReference, type ReferenceOrigin, referencesIn } from "../../store/named-references.ts";
import { editBase, presentJob, requireFiles } from "../submit/derive-request.ts";
import { type OrderIntake, openIntake } from "../submit/intake.ts";
import { imagesIn } from "../submit/numbered-image.ts";
import { findReference, isShared, type StoredReference, savedImage } from "./find-reference.ts";

interface Taken {
  readonly image: StoredImage;
  readonly from: ReferenceOrigin["from"];
}

/** Saves an image under a name, or puts it in the place of the one of that name; see ReferenceUseCases.save. */
export async function saveReference(context: Context, given: NewSavedImage, caller: Caller): Promise<SavedImage> {
  const { name: typed, shared = false } = given;
  if (shared) requireAdmin(context, caller);
  const { name, foldedName } = readReferenceName(typed);
  const intake = openIntake(context, caller.member);
  try {
    const taken = await takeImage(context, given, caller, intake);
    const owner = shared ? tenantId(caller.tenant) : memberId(caller.member);
    const key = { owner, tenant: caller.tenant, foldedName, name };
    const saved = await keep(context, { ...key, image: taken.image, savedAt: context.world.now() }, taken.from, caller);
    await intake.keep();
    return savedImage(saved);
  } catch (error) {
    await intake.discard();
    throw error;
  }
}

/** Throws Refusal `image-*`, `job-*`, `storage-quota`, `upload-quota`. */
async function takeImage(
  context: Context,
  { images = [], of, number }: NewSavedImage,
  caller: Caller,
  intake: OrderIntake,
): Promise<Taken> {
  if (images.length > 0) return { image: await intake.take(chosen(images, number)), from: undefined };
  if (!of) throw new Refusal("job-has-no-images", {});
  const meant = await meantImage(context, of, number, caller);
  const { member } = await presentJob(context, meant.job, caller);
  const from = member === caller.member ? undefined : { author: member, job: meant.job };
  const { request } = await editBase(context, { job: meant.job }, caller);
  const image = chosen(request.references, meant.number);
  await requireFiles(context, { references: [image] });
  return { image: await intake.keepResult(image), from };
}

/** The job, and the number of its image; among the images of a batch, the number leads to another job of it. */
async function meantImage(context: Context, of: JobImage, number: number | undefined, caller: Caller) {
  const { batch } = await presentJob(context, of.job, caller);
  if (!of.numbered || batch === undefined) return { job: of.job, number: number ?? (of.index ?? 0) + 1 };
  const images = await imagesIn(context, batch);
  const image = number === undefined ? images[0] : images.find((one) => one.number === number);
  if (!image) throw new Refusal("image-number-unknown", { number: number ?? 1, count: images.length });
  return { job: image.job, number: image.index + 1 };
}

function chosen<Image>(images: readonly Image[], number = 1): Image {
  const image = images[number - 1];
  if (image === undefined) throw new Refusal("image-number-unknown", { number, count: images.length });
  return image;
}

async function keep(
  context: Context,
  reference: StoredReference,
  from: ReferenceOrigin["from"],
  caller: Caller,
): Promise<StoredReference> {
  const { name, foldedName: subject } = reference;
  let isKept = false;
  const keepIn = async (trx: Trx) => {
    await refuseFull(trx, reference);
    await keepReference(trx, reference, { member: caller.member, from });
    isKept = true;
    return { name };
  };
  if (isShared(reference)) await audited(context, { name: "reference-save", subject, caller }, keepIn);
  else await context.database.transaction(keepIn);
  // The same event saved it before.
  return isKept ? reference : findReference(context, { name, shared: true }, caller);
}

/** Throws Refusal `too-many-saved-images`. */
async function refuseFull(trx: Trx, { owner, tenant, foldedName, savedAt }: StoredReference): Promise<void> {
  await lockDocument(trx, owner, savedAt);
  const others = (await referencesIn(trx, [owner], tenant)).filter((other) => other.foldedName !== foldedName);
  const shared = isShared({ owner });
  const limit = shared ? maxSavedImages.shared : maxSavedImages.own;
  if (others.length >= limit) throw new Refusal("too-many-saved-images", { limit, shared });
}
