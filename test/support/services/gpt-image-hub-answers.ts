import { plainImage } from "../plain-image.ts";
import { type HubUpload, HubViolation } from "./gpt-image-hub-rules.ts";

/** Says what the service does with one paid request; plain data, so that it can be sent to a child process. */
export interface HubAnswer {
  /**
   * `urls` (GH-19), or what goes wrong: URLs that have `expired` while the record has fresh ones, or that are `gone`
   * for good; `error`, `html`, `hang` until released, the connection cut `before-headers`, `before-id` or `mid-body`
   * (after the id), `empty` or `null` images, `malformed` JSON.
   */
  readonly kind:
    | "urls"
    | "expired"
    | "gone"
    | "error"
    | "html"
    | "hang"
    | "before-headers"
    | "before-id"
    | "mid-body"
    | "empty"
    | "null"
    | "malformed";
  /** For `error` and `html`; by default 500 and 502. */
  readonly status?: number;
  /** For `error`: the JSON body, by default `generationFailed` (GH-28). */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Images made instead of those asked for. */
  readonly count?: number;
  /** The generation's `status` in answer and record, by default `succeeded`. */
  readonly generation?: string;
  /** The record instead of the usual one; null when there is none. */
  readonly record?: unknown;
}

/** GH-4. */
export const modelList = {
  object: "list",
  data: [
    { id: "gpt-image-2", provider: "openai", qualities: ["1K", "2K", "4K"], reference_image_limit: 16, credit_cost: 1 },
  ],
};
/** the document names no pixels; these are of one area, so that wide images outgrow the longest side of a tier. */
const sideOf: Readonly<Record<string, number>> = { "1K": 1024, "2K": 2048, "4K": 2880 };

/** An image as the service would make it for these fields. */
export function draw({ fields }: HubUpload): Promise<Buffer> {
  const [across = 1, down = 1] = String(fields.aspect_ratio).split(":").map(Number);
  const shape = Number.isNaN(across) ? 1 : across / down;
  const side = sideOf[String(fields.quality ?? "1K")] ?? 1024;
  const [width, height] = [Math.round(side * Math.sqrt(shape)), Math.round(side / Math.sqrt(shape))];
  return plainImage({ width, height });
}

/** The answer to a request that breaks a rule. */
export function refusal(problem: HubViolation): HubAnswer {
  return { kind: "error", status: problem.status, body: errorBody(problem) };
}

/** GH-26. */
export function noMoney(): HubViolation {
  return new HubViolation("Insufficient credits", "insufficientCredits", 402);
}

/** GH-27. */
export function notFound(): HubViolation {
  return new HubViolation("Not found", "notFound", 404);
}

/** GH-28. */
export function generationFailed(): HubViolation {
  return new HubViolation("Image generation failed.", "generationFailed", 500);
}

/** GH-21. */
export function errorBody({ message, code }: HubViolation): object {
  return { error: { message, code } };
}
