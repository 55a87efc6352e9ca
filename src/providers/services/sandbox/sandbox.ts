import { type Outcome, ProviderError } from "../../../errors.ts";
import { type Credits, isPixels, type Quality, type Request, type Tier, tierOf } from "../../../request.ts";
import type { World } from "../../../world.ts";
import { gptImage2, sizesOfEveryShape } from "../../gpt-image-2.ts";
import type { CallContext, Capabilities, ProviderDefinition, ProviderEvent, ProviderSettings } from "../../provider.ts";
import { draw } from "./drawing.ts";

const name = "sandbox";

/** As the model itself, in every shape. */
const capabilities: Capabilities = {
  ...gptImage2,
  sizes: sizesOfEveryShape,
  moderations: ["auto"],
};

/** Pretended prices, those of apimodels.app (AM-5 to AM-8), so that limits can be tried out. */
const prices: Readonly<Record<Tier, Readonly<Record<Quality, Credits>>>> = {
  "1K": { low: 5, medium: 25, auto: 25, high: 70 },
  "2K": { low: 10, medium: 40, auto: 40, high: 100 },
  "4K": { low: 15, medium: 60, auto: 60, high: 230 },
};

const failures = ["none", "refused", "moderated", "failed", "unknown"];

/** Draws on this machine, free of charge: to try the bot without a service, and to try its failures. */
export const sandbox: ProviderDefinition = {
  name,
  prefix: "SANDBOX",
  defaultBaseUrl: "", // it has no address, and so none that images may be fetched from
  defaultTimeoutMs: 60_000,
  needsKey: false,
  variables: {
    SANDBOX_DELAY_MS: {
      must: "must be a whole number of milliseconds, such as 3000",
      accepts: (value) => /^\d{1,7}$/.test(value),
      fallback: "0",
    },
    SANDBOX_FAILURE: {
      must: `must be one of ${failures.join(", ")}`,
      accepts: (value) => failures.includes(value),
      fallback: "none",
    },
  },
  create: (settings, { world }) => ({
    name,
    label: "Sandbox",
    capabilities,
    concurrency: settings.concurrency,
    timeoutMs: settings.timeoutMs,
    price: ({ size, quality }) => prices[isPixels(size) ? tierOf(size) : "4K"][quality],
    generate: (request, context) => generate({ settings, world }, request, context),
    check: async () => undefined,
    close: async () => undefined,
  }),
};

async function* generate(
  { settings: { extra }, world }: { settings: ProviderSettings; world: World },
  request: Request,
  context: CallContext,
): AsyncGenerator<ProviderEvent> {
  refuseIfGivenUp(context.signal);
  await context.beforeSend();
  refuseIfGivenUp(context.signal);
  yield* pretendToWork(Number(extra.SANDBOX_DELAY_MS ?? 0), world, request, context);
  pretend(extra.SANDBOX_FAILURE ?? "none", context.signal);
  for (let index = 0; index < request.count; index += 1) {
    await make(request, context, index).catch((cause) => {
      throw new ProviderError(name, "failed", "the drawing failed", { cause });
    });
    yield { type: "image", index };
  }
  yield { type: "done" };
}

const steps = 4;

/** The pretended time goes by with what a slow service would tell, and half way a small preview. */
async function* pretendToWork(
  ms: number,
  world: World,
  request: Request,
  context: CallContext,
): AsyncGenerator<ProviderEvent> {
  if (ms === 0) return;
  for (let step = 1; step <= steps && !context.signal.aborted; step += 1) {
    await world.sleep(ms / steps, context.signal);
    yield { type: "progress", percent: (100 * step) / steps };
    const path = step === steps / 2 ? await preview(request, context).catch(() => undefined) : undefined;
    if (path !== undefined) yield { type: "partial", index: 0, path };
  }
}

async function preview(request: Request, context: CallContext): Promise<string | undefined> {
  const sink = await context.openPreview?.(0);
  if (!sink) return undefined;
  await sink.write(await drawing(request, context, 0, previewShare));
  await sink.commit();
  return sink.path;
}

function refuseIfGivenUp({ aborted }: AbortSignal): void {
  if (aborted) throw new ProviderError(name, "not-sent", "given up before anything was drawn");
}

function pretend(failure: string, signal: AbortSignal): void {
  if (signal.aborted) throw new ProviderError(name, "unknown", "given up while waiting");
  if (failure === "none") return;
  const details = failure === "refused" ? { refusedFor: "request" as const } : {};
  throw new ProviderError(name, failure as Outcome, `SANDBOX_FAILURE is ${failure}`, details);
}

/** A preview has this share of the sides of the image. */
const previewShare = 1 / 4;

function drawing(request: Request, context: CallContext, index: number, share = 1): Promise<Buffer> {
  const { width, height } = isPixels(request.size) ? request.size : { width: 1024, height: 1024 };
  return draw({
    prompt: request.prompt,
    seed: [context.attempt, request.prompt, index].join("\n"),
    size: { width: Math.round(width * share), height: Math.round(height * share) },
    format: request.format,
    compression: request.compression,
    references: request.references.map((reference) => context.pathOf(reference)),
    mask: request.mask && context.pathOf(request.mask),
  });
}

async function make(request: Request, context: CallContext, index: number): Promise<void> {
  const image = await drawing(request, context, index);
  const sink = await context.openImage(index);
  try {
    await sink.write(image);
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
