import { ProviderError } from "../../errors.ts";
import type { Credits } from "../../request.ts";
import { decodeImages } from "../decode/decode.ts";
import { type Json, reportsError } from "../decode/json.ts";
import { MalformedAnswer } from "../decode/json-tokens.ts";
import type { CallContext, ProviderEvent } from "../provider.ts";
import { downloadInto } from "./download-into.ts";
import type { Answer } from "./http.ts";
import { answeredError, type ServiceIdentity } from "./service-error.ts";

/** One answer to a paid call, and where its images go. */
interface Call {
  readonly service: ServiceIdentity;
  readonly answer: Answer;
  readonly count: number;
  readonly context: CallContext;
  costOf(rest: Json): Credits | undefined;
}

/** Holds what came of an answer so far. */
interface Taken {
  readonly arrived: Set<number>;
  readonly urls: { index: number; url: string }[];
  rest: Json;
  cost: Credits | undefined;
  problem: ProviderError | undefined;
}

/**
 * Takes the images of an OpenAI-alike answer, a document or events, as they arrive, then those behind URLs. What was
 * committed counts even when the rest is bad, except that a body which breaks off too early is `unknown`. `costOf`
 * reads what the call cost out of what comes beside the images. Throws ProviderError.
 */
export async function* receiveImages(
  service: ServiceIdentity,
  answer: Answer,
  count: number,
  context: CallContext,
  costOf: (rest: Json) => Credits | undefined = () => undefined,
): AsyncGenerator<ProviderEvent> {
  const call: Call = { service, answer, count, context, costOf };
  const taken: Taken = { arrived: new Set(), urls: [], rest: null, cost: undefined, problem: undefined };
  yield* readBody(call, taken);
  yield* fetchUrls(call, taken);
  const { arrived, rest, cost, problem } = taken;
  if (arrived.size === 0) throw withoutImages(service, answer, rest, problem);
  if (problem?.outcome === "unknown" && arrived.size < count) throw problem;
  // For an image that was lost the member pays nothing, and which part of the cost that is nobody tells.
  const lost = problem !== undefined && arrived.size < count;
  yield { type: "done", reference: answer.reference, cost: lost ? undefined : cost };
}

async function* readBody(call: Call, taken: Taken): AsyncGenerator<ProviderEvent> {
  const { service, answer, count, context } = call;
  const { openPreview } = context;
  const places = { count, openImage: (index: number) => context.openImage(index), openPreview, drop: answer.drop };
  try {
    for await (const found of decodeImages(answer.body, places)) {
      if (found.type === "rest") readRest(call, taken, found.value);
      else if (found.type === "url") taken.urls.push(found);
      else {
        if (found.type === "image") taken.arrived.add(found.index);
        yield found;
      }
    }
  } catch (cause) {
    taken.problem = unreadable(service, answer, cause);
  }
}

/** An error that one event tells stays, whatever the next ones hold. */
function readRest({ costOf }: Call, taken: Taken, value: Json): void {
  taken.rest = reportsError(taken.rest) ? taken.rest : value;
  taken.cost = sum(taken.cost, costOf(value));
}

async function* fetchUrls({ service, answer, context }: Call, taken: Taken): AsyncGenerator<ProviderEvent> {
  for (const { index, url } of taken.urls) {
    if (taken.arrived.has(index)) continue; // its bytes came as well
    const failure = await downloadInto(service, context, index, absoluteAddress(url, answer.url));
    taken.problem ??= failure;
    if (failure) continue;
    taken.arrived.add(index);
    yield { type: "image", index };
  }
}

/** Takes the images behind addresses, or in data URIs, each by its place in the list. Throws ProviderError. */
export async function* receiveListed(
  service: ServiceIdentity,
  urls: readonly (string | undefined)[],
  { context, base }: { readonly context: CallContext; readonly base: string },
): AsyncGenerator<ProviderEvent> {
  const document = JSON.stringify({ data: urls.map((url) => ({ url })) });
  const answer = { body: ReadableStream.from([Buffer.from(document)]), url: base, status: 200, headers: {} };
  for await (const event of receiveImages(service, { ...answer, reference: undefined }, urls.length, context)) {
    if (event.type === "image") yield event;
  }
}

/** The address as any other program would read it; the guard of downloads decides whether it may be fetched. */
export function absoluteAddress(address: string, base: string | undefined): string {
  if (base === undefined || /^https?:\/\//i.test(address)) return address;
  const { protocol, host } = new URL(base);
  if (address.startsWith(`${host}/`) || /^[\w.-]+:\d+\//.test(address)) return `${protocol}//${address}`;
  if (/^([\w-]+\.)+[a-z]{2,}\//i.test(address)) return `https://${address}`;
  return URL.parse(address, base)?.href ?? address;
}

function sum(one: Credits | undefined, other: Credits | undefined): Credits | undefined {
  return one === undefined || other === undefined ? (one ?? other) : one + other;
}

function unreadable(service: ServiceIdentity, answer: Answer, cause: unknown): ProviderError {
  if (cause instanceof ProviderError) return cause;
  const { status, reference } = answer;
  if (!(cause instanceof MalformedAnswer)) {
    return new ProviderError(service.name, "damaged", "the images could not be stored", { cause, status, reference });
  }
  // Where nothing told how long the answer is, a cut connection looks like its end; events are never told beforehand.
  const { headers } = answer;
  const isStream = String(headers["content-type"]).includes("event-stream");
  const measured = !isStream && ("content-length" in headers || "transfer-encoding" in headers);
  const outcome = cause.truncated && !measured ? "unknown" : "damaged";
  return new ProviderError(service.name, outcome, `the answer is unreadable: ${cause.message}`, { status, reference });
}

function withoutImages(
  service: ServiceIdentity,
  answer: Answer,
  rest: Json,
  problem: ProviderError | undefined,
): ProviderError {
  if (reportsError(rest)) return answeredError(service, { ...answer, body: rest });
  if (problem) return problem;
  const { status, reference } = answer;
  return new ProviderError(service.name, "damaged", "the answer holds no usable image", { status, reference });
}
