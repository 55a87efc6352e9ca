import { ProviderError } from "../../../errors.ts";
import type { Credits } from "../../../request.ts";
import { type Json, reportsError } from "../../decode/json.ts";
import type { Answer, ServiceConnection } from "../../http/http.ts";
import { receiveImages, receiveListed } from "../../http/receive.ts";
import { answeredError } from "../../http/service-error.ts";
import type { CallContext, ProviderEvent } from "../../provider.ts";
import { type Generation, generationIn, type HubImage, idIn } from "./documents.ts";

interface Call {
  readonly connection: ServiceConnection;
  readonly answer: Answer;
  readonly count: number;
  readonly context: CallContext;
  /** In our credits. */
  costOf(theirs: number): Credits;
}

/** Images that are there, by place. */
type Arrived = Set<number>;

/** In bytes: the id stands there. */
const longestBeginning = 64 * 1024;

/**
 * Takes the images of an answer (GH-19). When some are missing, because the answer is damaged or a URL brings nothing,
 * the service's own record of the generation is read once, which is free (GH-7). Throws ProviderError.
 */
export async function* receiveGeneration(call: Call): AsyncGenerator<ProviderEvent> {
  const arrived: Arrived = new Set();
  const { generation, ...answered } = yield* takeAnswer(call, arrived);
  let { problem } = answered;
  let credits = generation.credits;
  const record = problem && mayHaveImages(problem) ? await lookUp(call, generation.id) : undefined;
  if (record) {
    problem = yield* takeRecorded(call, record, freshly(generation.images, record.images), arrived);
    credits ??= record.credits;
  }
  const reference = generation.id ?? call.answer.reference;
  if (problem && arrived.size === 0) throw withReference(problem, reference);
  const cost = credits === undefined ? undefined : call.costOf(credits);
  yield { type: "done", reference, cost };
}

interface Answered {
  readonly generation: Generation;
  readonly problem: ProviderError | undefined;
}

async function* takeAnswer(call: Call, arrived: Arrived): AsyncGenerator<ProviderEvent, Answered> {
  const { connection, answer, count, context } = call;
  const beginning = new Beginning();
  const documents: Json[] = [];
  const body = beginning.of(answer.body);
  const keep = (rest: Json) => void documents.push(rest);
  const events = receiveImages(connection.service, { ...answer, body }, count, context, keep);
  const problem = yield* takeImages(events, arrived);
  const document = documents.at(-1);
  // Of an answer that cannot be read to its end, the record tells at least the cost.
  if (document === undefined)
    return { generation: { ...generationIn(null), id: idIn(beginning.text) }, problem: problem ?? lostImages(call) };
  const generation = generationIn(document);
  const all = Math.min(count, generation.images.length);
  if (all === 0 && problem) return { generation, problem: withoutImages(call, generation) };
  return { generation, problem: problem ?? (arrived.size < all ? lostImages(call) : undefined) };
}

/** Images are counted as they come; returns the error that ended them. */
async function* takeImages(
  events: AsyncGenerator<ProviderEvent>,
  arrived: Arrived,
): AsyncGenerator<ProviderEvent, ProviderError | undefined> {
  try {
    for await (const event of events) {
      if (event.type !== "image") continue;
      arrived.add(event.index);
      yield event;
    }
    return undefined;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

async function* takeRecorded(
  call: Call,
  record: Generation,
  images: readonly HubImage[],
  arrived: Arrived,
): AsyncGenerator<ProviderEvent, ProviderError | undefined> {
  if (images.length === 0) return withoutImages(call, record);
  const { connection, context } = call;
  const all = images.slice(0, call.count);
  const missing = all.map(({ url }, index) => (arrived.has(index) ? undefined : url));
  const base = `${connection.service.baseUrl}/generations/`;
  const problem = yield* takeImages(receiveListed(connection.service, missing, { context, base }), arrived);
  return problem ?? (arrived.size < all.length ? lostImages(call) : undefined);
}

function lostImages({ connection, answer: { status, reference } }: Call): ProviderError {
  return new ProviderError(connection.service.name, "damaged", "an image could not be fetched", { status, reference });
}

function withReference(error: ProviderError, reference: string | undefined): ProviderError {
  const { provider, outcome, message, cause } = error;
  return new ProviderError(provider, outcome, message, { ...error, cause, reference: error.reference ?? reference });
}

/** Keeps the beginning of a body that somebody else reads. */
class Beginning {
  private readonly chunks: Uint8Array[] = [];
  private bytes = 0;

  async *of(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      if (this.bytes < longestBeginning) this.chunks.push(Buffer.from(chunk));
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8", 0, longestBeginning);
  }
}

/** one that failed is refunded (GH-20); whatever else has no images may still be charged. */
function withoutImages({ connection, answer }: Call, { id, status, document }: Generation): ProviderError {
  if (reportsError(document)) return answeredError(connection.service, { ...answer, body: document });
  const ended = status === undefined || status === "succeeded" ? "damaged" : "unknown";
  const outcome = /fail|error|cancel|reject|refund/i.test(status ?? "") ? "failed" : ended;
  const message = `the answer holds no image, its status is ${status?.slice(0, 50)}`;
  return new ProviderError(connection.service.name, outcome, message, {
    status: answer.status,
    reference: id ?? answer.reference,
  });
}

function mayHaveImages({ outcome }: ProviderError): boolean {
  return outcome === "damaged" || outcome === "unknown";
}

/** Undefined when the service does not tell: then the answer must do. */
async function lookUp({ connection, context }: Call, id: string | undefined): Promise<Generation | undefined> {
  if (id === undefined) return undefined;
  try {
    return generationIn(await connection.get(`/generations/${encodeURIComponent(id)}`, context.signal));
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

/** The images of the answer with the URLs of the record, which need not list them in the same order. */
function freshly(generation: readonly HubImage[], recorded: readonly HubImage[]): readonly HubImage[] {
  if (generation.length === 0) return recorded;
  return generation.map(({ id }, index) => {
    const same = recorded.find((image) => id !== undefined && image.id === id);
    return same ?? recorded[index] ?? { id, url: undefined };
  });
}
