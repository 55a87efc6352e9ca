import { Refusal } from "../errors.ts";
import { type Change, promptForService, type Request, sizeText } from "../request.ts";
import { allowedSizes, fitSize, nearestSize } from "./fit-size.ts";
import type { Capabilities } from "./provider.ts";

/** Images of one request; a service that makes fewer by one call is called several times. */
const maxCount = 10;

export interface Fit {
  /** As the service can take it: the size is `auto`, or pixels, or a shape with a tier where the service has ratios. */
  readonly request: Request;
  readonly changes: readonly Change[];
}

interface Service {
  readonly label: string;
  readonly capabilities: Capabilities;
}

/**
 * The request as a service can take it, and what had to change for that: sizes snap to the nearest, comforts that it
 * lacks are dropped. Throws Refusal for what cannot be done as asked. Pure.
 */
export function fitRequest(request: Request, service: Service): Fit {
  refuseImpossible(request, service);
  const { size, changes } = sizeFor(request.size, service);
  const chosen = chooseOffered({ ...request, size }, service.capabilities);
  const { request: fitted, dropped } = dropMissing(chosen.request, service.capabilities);
  const lost = [...chosen.dropped, ...dropped];
  return {
    request: fitted,
    changes: [...changes, ...lost.map((option) => ({ code: "option-dropped", option }) as const)],
  };
}

function refuseImpossible(request: Request, { label, capabilities }: Service): void {
  const { count, references, mask, background, format } = request;
  const { maxPromptLength, maxReferences, backgrounds } = capabilities;
  const { length } = promptForService(request);
  if (length > maxPromptLength) throw new Refusal("prompt-too-long", { length, limit: maxPromptLength });
  if (!Number.isInteger(count) || count < 1 || count > maxCount) {
    throw new Refusal("count-out-of-range", { count, max: maxCount });
  }
  if (references.length > 0 && maxReferences === 0) throw new Refusal("references-unsupported", { provider: label });
  if (references.length > maxReferences) {
    throw new Refusal("too-many-references", { count: references.length, max: maxReferences });
  }
  if (mask && references.length === 0) throw new Refusal("mask-without-image", {});
  if (mask && !capabilities.mask) throw new Refusal("mask-unsupported", { provider: label });
  if (background === "transparent" && format === "jpeg") throw new Refusal("transparent-in-jpeg", {});
  if (background === "transparent" && !backgrounds.includes(background)) {
    throw new Refusal("option-unsupported", { option: "background", value: background, provider: label });
  }
}

function sizeFor(
  asked: Request["size"],
  { label, capabilities }: Service,
): { size: Request["size"]; changes: Change[] } {
  const fitted = fitSize(asked, capabilities);
  const from = sizeText(asked);
  if (!fitted) {
    const near = nearestSize(asked, capabilities);
    const nearest = near && sizeText(near);
    throw new Refusal("size-unsupported", {
      size: from,
      provider: label,
      allowed: allowedSizes(capabilities),
      nearest,
    });
  }
  const { size, exact } = fitted;
  return { size, changes: exact ? [] : [{ code: "size-snapped", from, to: sizeText(size) }] };
}

interface Dropped {
  readonly request: Request;
  readonly dropped: readonly string[];
}

/** A member's habits must not make a service unusable: a quality or format that it lacks becomes its first. */
function chooseOffered(request: Request, { qualities, formats }: Capabilities): Dropped {
  const quality = offered(request.quality, qualities);
  const format = offered(request.format, formats);
  const dropped = [
    ...(quality === request.quality ? [] : ["quality"]),
    ...(format === request.format ? [] : ["format"]),
  ];
  return { request: { ...request, quality, format }, dropped };
}

function offered<Value>(asked: Value, values: readonly Value[]): Value {
  return values.includes(asked) ? asked : (values[0] ?? asked);
}

function dropMissing(request: Request, capabilities: Capabilities): Dropped {
  const { compression, ...rest } = request;
  const isEdit = request.references.length > 0;
  const dropped: string[] = [];
  const compresses =
    request.format !== "png" &&
    (capabilities.compression === "always" || (capabilities.compression === "edits" && isEdit));
  if (compression !== undefined && !compresses) dropped.push("compression");
  const loyal = request.fidelity === "low" || capabilities.fidelity;
  if (!loyal && isEdit) dropped.push("fidelity");
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
    dropped,
  };
}
