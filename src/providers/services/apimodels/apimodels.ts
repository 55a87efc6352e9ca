import { ProviderError } from "../../../errors.ts";
import { type Credits, isPixels, type Quality, type Request, type Tier, tierOf } from "../../../request.ts";
import type { World } from "../../../world.ts";
import { type Json, reportsError } from "../../decode/json.ts";
import { fitSize } from "../../fit-size.ts";
import { gptImage2, sizesOfEveryShape } from "../../gpt-image-2.ts";
import type { TaskCall } from "../../http/follow-task.ts";
import { type Answer, apiRoot, connectTo, type ServiceConnection } from "../../http/http.ts";
import { receiveImages } from "../../http/receive.ts";
import type { AcceptedCall, CallContext, Capabilities, ProviderDefinition, ProviderEvent } from "../../provider.ts";
import { taskIdIn, taskIn } from "./documents.ts";
import { paidCall, type SizedRequest } from "./request.ts";
import { peek } from "./stream.ts";
import { followById, taskNamedByCallback } from "./tasks.ts";

// Document: facts AM-1 to AM-26.
const name = "apimodels";
const square = { width: 1024, height: 1024 };

/** Where the document is silent, the model's own limits stand (X-37, OA-3). */
const capabilities: Capabilities = {
  ...gptImage2,
  sizes: sizesOfEveryShape, // AM-11
  shapesToo: true, // AM-13
  // It has no word for the format, and its model makes this one unless told otherwise.
  formats: ["png"],
  backgrounds: ["auto", "opaque", "transparent"], // AM-22
  fidelity: false,
  moderations: ["auto"],
  compression: "never",
};

/** AM-5 to AM-8. */
const prices: Readonly<Record<Tier, Readonly<Record<Quality, Credits>>>> = {
  "1K": { low: 5, medium: 25, auto: 25, high: 70 },
  "2K": { low: 10, medium: 40, auto: 40, high: 100 },
  "4K": { low: 15, medium: 60, auto: 60, high: 230 },
};

/** A task whose creation went unanswered may be named by a callback for so long. */
const waitForNameMs = 900_000;

interface Service {
  readonly connection: ServiceConnection;
  readonly world: World;
}

export const apimodels: ProviderDefinition = {
  name,
  prefix: "APIMODELS",
  defaultBaseUrl: "https://apimodels.app/api/v1",
  // Far above the 2 minutes of AM-9: a call ends no earlier than a lost task is given up.
  defaultTimeoutMs: waitForNameMs,
  needsKey: true,
  variables: {},
  create({ apiKey, baseUrl, concurrency, timeoutMs, proxies }, { world }) {
    const connection = connectTo({ name, apiKey, baseUrl: apiRoot(baseUrl, "/api/v1"), timeoutMs, proxies });
    const service: Service = { connection, world };
    return {
      name,
      label: "apimodels.app",
      capabilities,
      concurrency,
      timeoutMs,
      price: ({ size, quality }) => prices[isPixels(size) ? tierOf(size) : "4K"][quality],
      generate: (request, context) => generate(service, request, context),
      resume: (accepted, request, context) => resume(service, accepted, request, context),
      check: () => connection.prove("/models", false),
      close: connection.close,
    };
  },
};

async function* generate(service: Service, request: Request, context: CallContext): AsyncGenerator<ProviderEvent> {
  const call: TaskCall = { ...service, count: request.count, context };
  const { path, payload, callsBack } = paidCall(sized(request), context);
  const sentAt = service.world.now();
  let accepted = false;
  try {
    for await (const event of receive(call, await service.connection.post(path, payload, context))) {
      accepted ||= event.type === "accepted";
      yield event;
    }
  } catch (error) {
    const mayBeTask = callsBack && !accepted;
    if (!mayBeTask || !(error instanceof ProviderError) || error.outcome !== "unknown") throw error;
    yield* followOnceNamed(call, sentAt, error);
  }
}

async function* resume(
  service: Service,
  { reference, sentAt }: AcceptedCall,
  { count }: Request,
  context: CallContext,
): AsyncGenerator<ProviderEvent> {
  const call: TaskCall = { ...service, count, context };
  if (reference !== undefined) yield* followById(call, reference);
  else
    yield* followOnceNamed(call, sentAt, new ProviderError(name, "unknown", "nobody told which task the call became"));
}

/** Takes images as they come, and follows a task: the form of the answer need not be the one that was asked for. */
async function* receive(call: TaskCall, received: Answer): AsyncGenerator<ProviderEvent> {
  const { document, answer } = await peek(received);
  const reference = document === undefined ? undefined : taskCreated(document);
  if (reference === undefined) return yield* receiveImages(call.connection.service, answer, call.count, call.context);
  yield { type: "accepted", reference };
  yield* followById(call, reference);
}

/** AM-15. */
function taskCreated(document: Json): string | undefined {
  return reportsError(document) || taskIn(document).urls.length > 0 ? undefined : taskIdIn(document);
}

/** Throws `otherwise` when no callback tells in time which task the call became. */
async function* followOnceNamed(
  call: TaskCall,
  sentAt: number,
  otherwise: ProviderError,
): AsyncGenerator<ProviderEvent> {
  const reference = await taskNamedByCallback(call, sentAt + waitForNameMs);
  if (reference === undefined) throw otherwise;
  yield { type: "accepted", reference };
  yield* followById(call, reference);
}

/** what `auto` is here nobody knows, so it is chosen: the smallest tier, in the shape of the image to be edited. */
function sized(request: Request): SizedRequest {
  if (isPixels(request.size)) return { ...request, size: request.size };
  const { width, height } = request.references[0] ?? square;
  const size = fitSize({ ratio: [width, height], tier: "1K" }, { ...capabilities, shapesToo: false })?.size;
  return { ...request, size: size && isPixels(size) ? size : square };
}
