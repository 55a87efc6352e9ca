import type { Provider, ProviderTools } from "../../../src/providers/provider.ts";
import { openai } from "../../../src/providers/services/openai/openai.ts";
import { testTools } from "../../providers/call.ts";

interface Target {
  readonly baseUrl: string;
  readonly apiKey?: string;
}

/** The variables of the adapter, with the default of every one that is not given. */
export function openAiExtra(given: Record<string, string> = {}): Record<string, string> {
  const defaults = Object.entries(openai.variables).map(([name, { fallback }]) => [name, fallback ?? ""]);
  return { ...Object.fromEntries(defaults), ...given };
}

/** The adapter for OpenAI in front of a service. */
export function openAiAt(
  { baseUrl, apiKey = "sk-test-key" }: Target,
  given: Record<string, string> = {},
  tools: ProviderTools = testTools(),
): Provider {
  const settings = { apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra: openAiExtra(given) };
  return openai.create(settings, tools);
}
