import { readFile } from "node:fs/promises";
import { type Caller, type Draft, isFinal, type JobView, type Movement } from "../../src/contract/usecases.ts";
import { isPixels, type Request, type Tier, tierOf } from "../../src/request.ts";

/** The price of an image. */
export const unit = 20;

/** Accepted just now. */
export function newJob(id: string, request: Request, caller: Caller, parent: string | undefined): JobView {
  const tier: Tier = isPixels(request.size) ? tierOf(request.size) : "1K";
  return {
    id,
    parent,
    member: caller.member,
    memberName: caller.name,
    tenant: caller.tenant,
    locale: caller.locale,
    state: "queued",
    request,
    provider: "sandbox",
    tier,
    unit,
    held: unit * request.count,
    changes: [],
    images: [],
    createdAt: Date.now(),
  };
}

/** Writes the draft that would be typed for the same again. */
export function draftOf({ prompt, size, count, format, quality }: Request): Draft {
  return { prompt, count, format, quality, size: isPixels(size) ? `${size.width}x${size.height}` : "auto" };
}

/** Lists the movements of its money that its member sees. */
export function movementOf({ id, createdAt, state, held, charged }: JobView): Movement[] {
  if (!isFinal(state)) return [{ at: createdAt, kind: "hold", amount: -held, job: id }];
  return charged ? [{ at: createdAt, kind: "spent", amount: -charged, job: id }] : [];
}

/** The files of a draft, with their bytes as they are at this moment. */
export function filesOf({ images = [], mask }: Draft) {
  const files = (mask ? [...images, mask] : images).map(async ({ filename, source }) => {
    const path = "path" in source ? source.path : "";
    return { filename, path, bytes: await readFile(path) };
  });
  return Promise.all(files);
}
