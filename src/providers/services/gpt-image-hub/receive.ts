import { ProviderError } from "../../../errors.ts";
import type { Credits } from "../../../request.ts";
import { type Json, reportsError } from "../../decode/json.ts";
import { downloadInto } from "../../http/download-into.ts";
import type { Answer, ServiceConnection } from "../../http/http.ts";
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

/** Images are behind URLs, so an answer is small. */
const maxAnswerBytes = 1024 * 1024;
const lookUpTimeoutMs = 30_000;

/**
 * Takes the images behind the URLs of an answer (GH-19). When some are missing, because the answer is damaged or a URL
 * brings nothing, the service's own record of the generation is read once, which is free (GH-7). Throws ProviderError.
 */
export async function* receiveGeneration(call: Call): AsyncGenerator<ProviderEvent> {
  const arrived = new Set<number>();
  const { problem: unreadable, ...told } = await readAnswer(call);
  let problem = unreadable ?? (yield* takeImages(call, told, told.images, arrived));
  let credits = told.credits;
  const record = problem && mayHaveImages(problem) ? await lookUp(call, told.id) : undefined;
  if (record) {
    problem = yield* takeImages(call, record, freshly(told.images, record.images), arrived);
    credits ??= record.credits;
  }
  if (problem && arrived.size === 0) throw problem;
  const cost = credits === undefined ? undefined : call.costOf(credits);
  yield { type: "done", reference: told.id ?? call.answer.reference, cost };
}

async function readAnswer({ connection, answer }: Call): Promise<Generation & { problem?: ProviderError }> {
  const { text, broken } = await textOf(answer);
  const document = parsed(text);
  if (document !== undefined) return generationIn(document);
  const id = idIn(text);
  const outcome = broken ? "unknown" : outcomeOf(answer);
  const problem = new ProviderError(connection.service.name, outcome, "the answer cannot be read", {
    cause: broken,
    status: answer.status,
    reference: id ?? answer.reference,
  });
  return { ...generationIn(null), id, problem };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where nothing told how long the answer is, a cut connection looks like its end. */
function outcomeOf({ headers }: Answer): "damaged" | "unknown" {
  return "content-length" in headers || "transfer-encoding" in headers ? "damaged" : "unknown";
}

/** As much as came, up to the limit. */
async function textOf({ body }: Answer): Promise<{ text: string; broken?: ProviderError }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const text = () => Buffer.concat(chunks).toString("utf8");
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) break;
    }
    return { text: text() };
  } catch (error) {
    if (error instanceof ProviderError) return { text: text(), broken: error };
    throw error;
  }
}

/** Commits the images that have not arrived yet, and returns what was wrong with the first that still has not. */
async function* takeImages(
  call: Call,
  generation: Generation,
  images: readonly HubImage[],
  arrived: Set<number>,
): AsyncGenerator<ProviderEvent, ProviderError | undefined> {
  if (images.length === 0) return withoutImages(call, generation);
  let problem: ProviderError | undefined;
  for (const [index, { url }] of images.slice(0, call.count).entries()) {
    if (arrived.has(index)) continue;
    const failure = await fetchInto(call, index, url);
    problem ??= failure;
    if (failure) continue;
    arrived.add(index);
    yield { type: "image", index };
  }
  return problem;
}

async function fetchInto(
  { connection, context }: Call,
  index: number,
  url?: string,
): Promise<ProviderError | undefined> {
  const { service } = connection;
  if (url === undefined) return new ProviderError(service.name, "damaged", "an image has no URL");
  return downloadInto(service, context, index, url);
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
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(lookUpTimeoutMs)]);
  try {
    return generationIn(await connection.get(`/generations/${encodeURIComponent(id)}`, signal));
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

/** The images of the answer with the URLs of the record, which need not list them in the same order. */
function freshly(told: readonly HubImage[], recorded: readonly HubImage[]): readonly HubImage[] {
  if (told.length === 0) return recorded;
  return told.map(({ id }, index) => {
    const same = recorded.find((image) => id !== undefined && image.id === id);
    return same ?? recorded[index] ?? { id, url: undefined };
  });
}
