import { Refusal } from "../errors.ts";
import type { Pixels } from "../image.ts";
import { type Change, isPixels, type Request, sizeText } from "../request.ts";
import { customSize, isCustomSize, nearestListed } from "./fit-size.ts";
import type { Capabilities } from "./provider.ts";

export interface Fit {
  /** As the service can take it: the size is `auto` or pixels. */
  readonly request: Request;
  readonly changes: readonly Change[];
}

interface Service {
  readonly label: string;
  readonly capabilities: Capabilities;
}

/**
 * The request as a service can take it, and what had to change for that: sizes by ratio snap to the nearest, comforts
 * that it lacks are dropped. Throws Refusal for what cannot be done as asked. Pure.
 */
export function fitRequest(request: Request, service: Service): Fit {
  refuseImpossible(request, service);
  const { size, changes } = fitSize(request.size, service);
  return dropMissing({ request: { ...request, size }, changes }, service.capabilities);
}

function refuseImpossible(request: Request, { label, capabilities }: Service): void {
  const { prompt, count, references, mask } = request;
  const { maxPromptLength, maxCount, maxReferences } = capabilities;
  if (prompt.length > maxPromptLength) {
    throw new Refusal("prompt-too-long", { length: prompt.length, limit: maxPromptLength });
  }
  if (!Number.isInteger(count) || count < 1 || count > maxCount) {
    throw new Refusal("count-out-of-range", { count, max: maxCount });
  }
  if (references.length > 0 && maxReferences === 0) throw new Refusal("references-unsupported", { provider: label });
  if (references.length > maxReferences) {
    throw new Refusal("too-many-references", { count: references.length, max: maxReferences });
  }
  if (mask && references.length === 0) throw new Refusal("mask-without-image", {});
  if (mask && !capabilities.mask) throw new Refusal("mask-unsupported", { provider: label });
  refuseOptions(request, { label, capabilities });
}

function refuseOptions(request: Request, { label, capabilities }: Service): void {
  const refuse = (option: string, value: string) =>
    new Refusal("option-unsupported", { option, value, provider: label });
  const { quality, format, background } = request;
  if (!capabilities.qualities.includes(quality)) throw refuse("quality", quality);
  if (!capabilities.formats.includes(format)) throw refuse("format", format);
  if (background !== "transparent") return;
  // Nothing can be transparent in a JPEG.
  if (!capabilities.backgrounds.includes(background) || format === "jpeg") throw refuse("background", background);
}

function fitSize(
  size: Request["size"],
  { label, capabilities }: Service,
): { size: "auto" | Pixels; changes: Change[] } {
  const { sizes, autoSize, customSizes } = capabilities;
  const unsupported = new Refusal("size-unsupported", {
    size: sizeText(size),
    provider: label,
    allowed: [...sizes.map(sizeText), ...(autoSize ? ["auto"] : [])],
  });
  if (size === "auto") {
    if (!autoSize) throw unsupported;
    return { size, changes: [] };
  }
  if (isPixels(size)) {
    const listed = sizes.some(({ width, height }) => width === size.width && height === size.height);
    if (!listed && !(customSizes && isCustomSize(size))) throw unsupported;
    return { size, changes: [] };
  }
  const fitted = customSizes ? customSize(size, sizes) : nearestListed(size, sizes);
  if (!fitted) throw unsupported;
  const from = sizeText(size);
  return {
    size: fitted.size,
    changes: fitted.exact ? [] : [{ code: "size-snapped", from, to: sizeText(fitted.size) }],
  };
}

function dropMissing({ request, changes }: Fit, capabilities: Capabilities): Fit {
  const { compression, ...rest } = request;
  const isEdit = request.references.length > 0;
  const dropped: string[] = [];
  const compresses =
    request.format !== "png" &&
    (capabilities.compression === "always" || (capabilities.compression === "edits" && isEdit));
  if (compression !== undefined && !compresses) dropped.push("compression");
  const loyal = request.fidelity === "low" || capabilities.fidelity;
  if (!loyal) dropped.push("fidelity");
  const moderated = capabilities.moderations.includes(request.moderation);
  if (!moderated) dropped.push("moderation");
  const hasBackground = capabilities.backgrounds.includes(request.background);
  if (!hasBackground) dropped.push("background");
  return {
    request: {
      ...rest,
      ...(compression !== undefined && compresses ? { compression } : {}),
      fidelity: loyal ? request.fidelity : "low",
      moderation: moderated ? request.moderation : "auto",
      background: hasBackground ? request.background : "auto",
    },
    changes: [...changes, ...dropped.map((option) => ({ code: "option-dropped", option }) as const)],
  };
}
