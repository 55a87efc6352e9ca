import type { Provider, ProviderTools } from "../../../src/providers/provider.ts";
import { openai } from "../../../src/providers/services/openai/openai.ts";
import { testTools } from "../../providers/call.ts";

interface Target {
  readonly baseUrl: string;
  readonly apiKey?: string;
}

/** The adapter for OpenAI in front of a service, with the default of every variable that is not given. */
export function openAiAt(
  { baseUrl, apiKey = "sk-test-key" }: Target,
  given: Record<string, string> = {},
  tools: ProviderTools = testTools(),
): Provider {
  const defaults = Object.entries(openai.variables).map(([name, { fallback }]) => [name, fallback ?? ""]);
  const extra = { ...Object.fromEntries(defaults), ...given };
  return openai.create({ apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra }, tools);
}
