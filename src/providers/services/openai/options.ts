import { ProviderError } from "../../../errors.ts";

/** The field by which the member is known to the service: OpenAI renames the one to the other (help article 5428082). */
type Identity = "user" | "safety_identifier";

/** The options that a service takes, as far as it has shown: relays refuse some that OpenAI has. */
export interface TakenOptions {
  previews(): boolean;
  identity(): Identity | undefined;
  /**
   * Remembers an option that the service refused by name, and gives the error that says so: the same request may be made
   * again without it, as nothing was made. Any other error is given back.
   */
  learn(error: unknown, sent: Readonly<Record<string, unknown>>): unknown;
}

const identities: readonly Identity[] = ["user", "safety_identifier"];
const previewFields = ["partial_images", "stream"];

export function createTakenOptions(): TakenOptions {
  const refused = new Set<string>();
  return {
    previews: () => !previewFields.some((field) => refused.has(field)),
    identity: () => identities.find((field) => !refused.has(field)),
    learn(error, sent) {
      if (!(error instanceof ProviderError) || !refusesRequest(error)) return error;
      const named = [...previewFields, ...identities].filter((field) => field in sent && names(error, field));
      for (const field of named) refused.add(field);
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
