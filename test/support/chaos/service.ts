import { type Outcome, ProviderError, type RefusedFor } from "../../../src/errors.ts";
import type { AcceptedCall, CallContext, Provider, ProviderEvent } from "../../../src/providers/provider.ts";
import { isPixels, type Request } from "../../../src/request.ts";
import { plainImage } from "../plain-image.ts";
import { scriptedProvider } from "../services/scripted-provider.ts";
import type { Random } from "./random.ts";
import type { Lane } from "./scheduler.ts";

/** One paid request, as the far side wrote it down. */
export interface SeenCall {
  readonly attempt: string;
  readonly service: string;
  readonly asked: number;
  readonly at: number;
  /** May have been charged: nothing that is asked for here may be asked for again. */
  binding: boolean;
  /** Indices of images that the caller had committed to its disk. */
  readonly kept: number[];
  /** Where it calls back. */
  readonly callbackUrl: string | undefined;
  /** When a task is done; undefined for a call that was answered at once. */
  doneAt: number | undefined;
}

export interface ChaosService {
  readonly calls: SeenCall[];
  /** From now on every call succeeds, and every task is done. */
  calm(): void;
  /** The adapter of one process; `note` is told of each request before it is answered. */
  adapter(name: string, lane: Lane, world: { now(): number; sleep(ms: number): Promise<void> }): Provider;
}

type Mishap = {
  readonly outcome: Outcome;
  readonly sent: boolean;
  readonly binding: boolean;
  readonly refusedFor?: RefusedFor;
  readonly retryAfterMs?: number;
  /** Images that arrive before it breaks. */
  readonly images?: number;
};

const mishaps: readonly Mishap[] = [
  { outcome: "not-sent", sent: false, binding: false },
  { outcome: "not-sent", sent: true, binding: false },
  { outcome: "refused", sent: true, binding: false, refusedFor: "request" },
  { outcome: "refused", sent: true, binding: false, refusedFor: "rate", retryAfterMs: 3000 },
  { outcome: "refused", sent: true, binding: false, refusedFor: "money" },
  { outcome: "refused", sent: true, binding: false, refusedFor: "key" },
  { outcome: "moderated", sent: true, binding: false },
  { outcome: "failed", sent: true, binding: false },
  { outcome: "unknown", sent: true, binding: true },
  { outcome: "unknown", sent: true, binding: true, images: 1 },
  { outcome: "damaged", sent: true, binding: true },
  { outcome: "damaged", sent: true, binding: true, images: 1 },
];

const mishapChance = 0.45;
const pollMs = 5000;
const longestTaskMs = 300_000;
const givesUpAfterMs = 900_000;

/** Image services at the far side of the provider contract, with one log; `reached` may look at the store at each request. */
export function chaosService(
  random: Random,
  now: () => number,
  reached: (call: SeenCall) => Promise<void>,
): ChaosService {
  const far: FarSide = { random, now, reached, calls: [], calm: false };
  return {
    calls: far.calls,
    calm() {
      far.calm = true;
    },
    adapter(name, lane, world) {
      const plain = { ...scriptedProvider(name, 2, 2), generate: answered.bind(undefined, far, name, lane) };
      return name === "tasks" ? { ...plain, ...taskMethods(far, name, lane, world) } : plain;
    },
  };
}

interface FarSide {
  readonly random: Random;
  readonly now: () => number;
  readonly reached: (call: SeenCall) => Promise<void>;
  readonly calls: SeenCall[];
  calm: boolean;
}

type Clock = { now(): number; sleep(ms: number): Promise<void> };

/** The write-ahead, and then the first byte. */
async function send(
  { calls, now, reached }: FarSide,
  name: string,
  lane: Lane,
  request: Request,
  context: CallContext,
  mishap?: Mishap,
): Promise<SeenCall> {
  await context.beforeSend();
  const { attempt, callback } = context;
  if (mishap?.outcome === "not-sent") throw failure(name, mishap);
  const call: SeenCall = {
    ...{ attempt, service: name, asked: request.count, at: now(), kept: [], callbackUrl: callback?.url },
    binding: mishap?.binding ?? true,
    doneAt: undefined,
  };
  await lane.outside(async () => {
    calls.push(call);
    await reached(call);
  });
  return call;
}

async function* images(call: SeenCall, request: Request, context: CallContext, count: number) {
  const bytes = await plainImage(isPixels(request.size) ? request.size : { width: 1024, height: 1024 });
  for (let index = 0; index < count; index++) {
    const sink = await context.openImage(index);
    await sink.write(bytes);
    await sink.commit();
    if (!call.kept.includes(index)) call.kept.push(index);
    yield { type: "image", index } as const;
  }
}

async function* answered(far: FarSide, name: string, lane: Lane, request: Request, context: CallContext) {
  const { random, calls } = far;
  const mishap = !far.calm && random.next() < mishapChance ? random.pick(mishaps) : undefined;
  if (mishap && !mishap.sent) throw failure(name, mishap);
  const call = await send(far, name, lane, request, context, mishap);
  await lane.border();
  if (mishap?.images) yield* images(call, request, context, Math.min(mishap.images, request.count));
  if (mishap) throw failure(name, mishap);
  yield* images(call, request, context, far.calm ? request.count : 1 + random.below(request.count));
  yield { type: "done", reference: `call-${calls.length}`, cost: random.next() < 0.2 ? 60 : undefined } as const;
}

/** A task is done at its time, or never: then its caller gives up. */
async function* followed(
  far: FarSide,
  call: SeenCall,
  request: Request,
  context: CallContext,
  world: Clock,
): AsyncGenerator<ProviderEvent> {
  while (!far.calm && (call.doneAt ?? Number.POSITIVE_INFINITY) > far.now()) {
    context.signal.throwIfAborted(); // by the real clock, in processes that were dropped a minute ago
    if (world.now() > call.at + givesUpAfterMs) throw new ProviderError(call.service, "unknown", "it never ended");
    if (context.callback) await context.callback.next(pollMs, context.signal);
    else await world.sleep(pollMs);
  }
  yield* images(call, request, context, request.count);
  yield { type: "done", reference: `task-${call.attempt}` };
}

function taskMethods(far: FarSide, name: string, lane: Lane, world: Clock): Pick<Provider, "generate" | "resume"> {
  const { random, now, calls } = far;
  return {
    async *generate(request, context) {
      const call = await send(far, name, lane, request, context);
      call.doneAt = random.next() < 0.9 ? now() + random.below(longestTaskMs) : undefined;
      await lane.border();
      yield { type: "accepted", reference: `task-${call.attempt}` };
      yield* followed(far, call, request, context, world);
    },
    async *resume({ reference, sentAt }: AcceptedCall, request, context) {
      const call = calls.find(({ attempt }) => attempt === context.attempt);
      if (!call) throw new ProviderError(name, "unknown", "there is no such task");
      // Without its id only a callback tells that there is one.
      while (reference === undefined && !(await context.callback?.next(pollMs, context.signal))) {
        context.signal.throwIfAborted();
        if (world.now() > sentAt + givesUpAfterMs) throw new ProviderError(name, "unknown", "nobody called back");
      }
      yield* followed(far, call, request, context, world);
    },
  };
}

function failure(name: string, { outcome, refusedFor, retryAfterMs }: Mishap): ProviderError {
  return new ProviderError(name, outcome, `on purpose: ${outcome}`, { refusedFor, retryAfterMs });
}
