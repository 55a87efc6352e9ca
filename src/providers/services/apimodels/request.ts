import type { Pixels } from "../../../image.ts";
import { type RatioSize, type Request, shapeIn, shapeOf, sizeText, tierOf } from "../../../request.ts";
import { sizesOfEveryShape } from "../../gpt-image-2.ts";
import type { FormFile, Payload } from "../../http/http.ts";
import type { CallContext } from "../../provider.ts";

const model = "gpt-image-2-all"; // AM-3

/** A request of which the pixels are known: no other size is ever sent. */
export type SizedRequest = Request & { readonly size: Pixels };

/** One paid request in the service's dialect. */
export interface PaidCall {
  readonly path: string;
  readonly payload: Payload;
  /** The service was told where to call back. */
  readonly callsBack: boolean;
}

/** AM-3 to AM-25: an edit with references, otherwise a generation, of slow images as a task. */
export function paidCall(request: SizedRequest, context: CallContext): PaidCall {
  if (request.references.length > 0) {
    return { path: "/images/edits", payload: editOf(request, context), callsBack: false };
  }
  const sized = { size: sizeText(request.size) };
  const json = { ...commonFields(request), n: request.count, ...(taskFields(request, context) ?? sized) };
  return { path: "/images/generations", payload: { json }, callsBack: "callback_url" in json };
}

/**
 * The fields that make a call asynchronous (AM-15); undefined for one that need not be, or cannot without changing what was asked
 * for. Slow calls need it: they take longer than many a proxy waits, some 100 s (AM-9), and a task outlives both its
 * connection and this process.
 */
function taskFields(request: SizedRequest, { callback }: CallContext): Record<string, string> | undefined {
  const { size, quality } = request;
  const tier = tierOf(size);
  if (tier === "1K" && quality !== "high") return undefined;
  // Whoever asked for a shape and a tier gets what the service makes of them (AM-13): its price is the same.
  const shape = shapeIn(size);
  if (shape) return { ...shapeFields(shape), ...(callback ? { callback_url: callback.url } : {}) };
  // of `size` and `callback_url` the second decides. Should it not, the images come at once, which is as good.
  if (callback) return { size: sizeText(size), callback_url: callback.url };
  // Else there must be no `size`, and the service makes its own pixels of shape and tier (AM-13), by rules that
  // it keeps to itself. A listed size is the only one listed of its shape and tier, so they will make it; should
  // they not, shape and price are the same, and no proxy has cut off an image that was paid for. Of a custom size
  // nothing can be said: it stays synchronous.
  const isListed = sizesOfEveryShape.some(({ width, height }) => width === size.width && height === size.height);
  return isListed ? shapeFields({ ratio: shapeOf(size), tier }) : undefined;
}

function shapeFields({ ratio, tier }: RatioSize): Record<string, string> {
  return { aspect_ratio: ratio.join(":"), resolution: tier };
}

/** AM-18, X-43: several references repeat the field of the document's example. X-27: the mask is a file beside them. */
function editOf(request: SizedRequest, context: CallContext): Payload {
  const { references, mask, count, size } = request;
  const files: FormFile[] = references.map((image) => ({
    field: "image",
    path: context.pathOf(image),
    format: image.format,
  }));
  if (mask) files.push({ field: "mask", path: context.pathOf(mask), format: mask.format });
  // only edits take a response_format; this one brings the bytes and, should they be bad, a URL beside.
  const fields = { ...commonFields(request), n: String(count), size: sizeText(size), response_format: "b64_json" };
  return { fields, files };
}

/** The quality is always said, as the service's default is not OpenAI's. */
function commonFields({ prompt, quality, background }: Request): Record<string, string> {
  return { model, prompt, quality, ...(background === "auto" ? {} : { background }) };
}
