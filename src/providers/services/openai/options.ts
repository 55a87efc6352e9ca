import { createHash } from "node:crypto";
import { ProviderError } from "../../../errors.ts";
import type { ProviderTools } from "../../provider.ts";

/** The field by which the member is known to the service: OpenAI renames the one to the other (help article 5428082). */
type Identity = "user" | "safety_identifier";

/** The options that a service takes, as far as it has shown: relays refuse some that OpenAI has. */
export interface TakenOptions {
  /** As it is known now, to any process. */
  known(): Promise<{ readonly previews: boolean; readonly identity: Identity | undefined }>;
  /**
   * Remembers an option that the service refused by name, and gives the error that says so: the same request may be made
   * again without it, as nothing was made. Any other error is given back.
   */
  learn(error: unknown, sent: Readonly<Record<string, unknown>>): Promise<unknown>;
}

const identities: readonly Identity[] = ["user", "safety_identifier"];
const previewFields = ["partial_images", "stream"];

/** A service may learn to take what it refused; then it is asked with it again. */
const rememberMs = 7 * 86_400_000;

/** `place` tells the endpoint and model that refuse: another one may take what this one does not. */
export function createTakenOptions(
  place: string,
  { notes, world }: Pick<ProviderTools, "notes" | "world">,
): TakenOptions {
  const key = `openai:refused:${createHash("sha256").update(place).digest("hex").slice(0, 16)}`;
  /** By field: until when. Also here, so that a database that is away for a moment makes nobody ask twice. */
  const here: Record<string, number> = {};

  async function refused(): Promise<Readonly<Record<string, number>>> {
    const noted = await notes.get<Record<string, number>>(key).catch(() => undefined);
    return { ...noted, ...here };
  }

  return {
    async known() {
      const until = await refused();
      const takes = (field: string) => (until[field] ?? 0) <= world.now();
      return { previews: previewFields.every(takes), identity: identities.find(takes) };
    },
    async learn(error, sent) {
      if (!(error instanceof ProviderError) || !refusesRequest(error)) return error;
      const named = [...previewFields, ...identities].filter((field) => field in sent && names(error, field));
      for (const field of named) here[field] = world.now() + rememberMs;
      if (named.length > 0) await notes.set(key, await refused(), rememberMs).catch(() => undefined);
      return named.length === 0 ? error : withoutOption(error, named);
    },
  };
}

function refusesRequest({ outcome, refusedFor, status }: ProviderError): boolean {
  return outcome === "refused" && refusedFor === "request" && status !== 404;
}

/** By the parameter of the error, or in quotation marks or behind such words as its message has for a parameter. */
function names({ parameter, message }: ProviderError, field: string): boolean {
  if (parameter) return parameter.split(/[.[\]]/).includes(field);
  const said = `(?:["'\`“‘「]${field}["'\`”’」]|(?:parameters?|arguments?|fields?|body|supplied|permitted|参数)[\\s:：.]*${field}\\b)`;
  const unmistakable = field === "stream" || field === "user" ? "" : `|\\b${field}\\b`;
  return new RegExp(said + unmistakable, "i").test(message);
}

function withoutOption(error: ProviderError, named: readonly string[]): ProviderError {
  const { status, reference } = error;
  const message = `${error.message} (left out from now on: ${named.join(", ")})`;
  return new ProviderError(error.provider, "refused", message, {
    refusedFor: "option",
    status,
    reference,
    cause: error,
  });
}
