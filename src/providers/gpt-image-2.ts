import type { Pixels } from "../image.ts";
import type { Capabilities } from "./provider.ts";

/** The sizes that OpenAI suggests for the model; TokenHub and NodeKey list the same (TH-17, NK-5). */
export const suggestedSizes: readonly Pixels[] = [
  { width: 1024, height: 1024 },
  { width: 1536, height: 1024 },
  { width: 1024, height: 1536 },
  { width: 2048, height: 2048 },
  { width: 2048, height: 1152 },
  { width: 3840, height: 2160 },
  { width: 2160, height: 3840 },
];

/** The same with 2048x1152 upright too, as apimodels.app lists them (AM-11) and the sandbox offers them. */
export const sizesOfEveryShape: readonly Pixels[] = suggestedSizes.toSpliced(5, 0, { width: 1152, height: 2048 });

/**
 * The model as OpenAI itself offers it. Every service that sells it spreads this, and says on its own line, with the
 * source, wherever it takes less, more or something else; where its document is silent, the model's own limit stands.
 */
export const gptImage2: Capabilities = {
  sizes: suggestedSizes,
  customSizes: true, // OA-6
  ratios: [],
  autoSize: true, // OA-6
  qualities: ["auto", "low", "medium", "high"], // OA-7
  formats: ["png", "jpeg", "webp"], // OA-10
  maxCount: 10, // OA-5
  maxReferences: 16, // OA-17
  mask: true, // OA-19
  maxPromptLength: 32_000, // OA-3
  backgrounds: ["auto", "opaque"], // OA-8: transparent is refused
  fidelity: true, // always high, and refused when it is asked for (OA-20, X-40)
  moderations: ["auto", "low"], // OA-9
  compression: "always", // OA-11
};
