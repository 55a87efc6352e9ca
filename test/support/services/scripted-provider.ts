import { ProviderError } from "../../../src/errors.ts";
import type { CallContext, Provider, ProviderEvent } from "../../../src/providers/provider.ts";
import { isPixels, type Request, tierOf } from "../../../src/request.ts";
import { plainImage } from "../plain-image.ts";

/** Plays what a scripted service does with one call. */
export type Script = (request: Request, context: CallContext) => AsyncIterable<ProviderEvent>;

export interface ScriptedProvider extends Provider {
  /** The next call runs this; after the last one, calls succeed. */
  readonly scripts: Script[];
  /** Every call that sent its first byte. */
  readonly sent: Request[];
}

/** A service at the far side of the provider contract, without a network: TokenHub's prices, tiny images of true size. */
export function scriptedProvider(name = "service", concurrency = 4, maxCount = 10): ScriptedProvider {
  const scripts: Script[] = [];
  const sent: Request[] = [];
  return {
    name,
    label: "Service",
    scripts,
    sent,
    concurrency,
    timeoutMs: 60_000,
    capabilities: {
      sizes: [
        { width: 1024, height: 1024 },
        { width: 2048, height: 2048 },
        { width: 2048, height: 1152 },
        { width: 3840, height: 2160 },
      ],
      customSizes: false,
      ratios: [],
      autoSize: true,
      qualities: ["auto", "low", "medium", "high"],
      formats: ["png", "jpeg", "webp"],
      maxCount,
      maxReferences: 16,
      mask: true,
      maxPromptLength: 32_000,
      backgrounds: ["auto"],
      fidelity: true,
      moderations: ["auto"],
      compression: "never",
    },
    price: ({ size }) => (isPixels(size) ? { "1K": 125, "2K": 250, "4K": 500 }[tierOf(size)] : 500),
    async *generate(request, context) {
      const script = scripts.shift() ?? succeed();
      const watched: CallContext = {
        ...context,
        beforeSend: async () => {
          await context.beforeSend();
          sent.push(request);
        },
      };
      yield* script(request, watched);
    },
    check: async () => undefined,
    close: async () => undefined,
  };
}

/** All images that were asked for, or as many and as large as given. */
export function succeed(given: { count?: number; size?: { width: number; height: number } } = {}): Script {
  return async function* (request, context) {
    await context.beforeSend();
    const asked = isPixels(request.size) ? request.size : { width: 1024, height: 1024 };
    const bytes = await plainImage(given.size ?? asked, request.format);
    for (let index = 0; index < (given.count ?? request.count); index++) {
      const sink = await context.openImage(index);
      await sink.write(bytes);
      await sink.commit();
      yield { type: "image", index };
    }
    yield { type: "done", reference: "call-1" };
  };
}

/** Ends in `error` before or after the first byte was sent. */
export function failWith(error: ProviderError | Error, when: "unsent" | "sent" = "sent"): Script {
  // biome-ignore lint/correctness/useYield: a call that fails yields nothing
  return async function* (_request, context) {
    if (when === "sent") await context.beforeSend();
    throw error;
  };
}

/** Sends, then waits until the test lets it go on with `then`. */
export function heldUp(then: Script = succeed()): Script & { sent: Promise<void>; release(): void } {
  const sent = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const script: Script = async function* (request, context) {
    await context.beforeSend();
    sent.resolve();
    await released.promise;
    yield* then(request, { ...context, beforeSend: async () => undefined });
  };
  return Object.assign(script, { sent: sent.promise, release: () => released.resolve() });
}

export const unknownOutcome = () => new ProviderError("service", "unknown", "the connection broke");
