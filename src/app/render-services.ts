import { providerDefinitions } from "../providers/index.ts";
import type { Capabilities, Provider, ProviderDefinition } from "../providers/provider.ts";
import { openAiModels } from "../providers/services/openai/models.ts";
import { createCache } from "../store/cache.ts";
import { realWorld } from "../world.ts";

/** The table of docs/providers.md: what each service can do, from its own data. */
export function renderServices(): string {
  const providers = providerDefinitions.map(created);
  const rows: [string, (provider: Provider) => string][] = [
    ["sizes", ({ capabilities }) => sizesOf(capabilities)],
    ["auto size", ({ capabilities }) => yesNo(capabilities.autoSize)],
    ["qualities", ({ capabilities }) => capabilities.qualities.join(", ")],
    ["formats", ({ capabilities }) => capabilities.formats.join(", ")],
    ["images by one call", ({ capabilities }) => String(capabilities.maxCount)],
    ["references", ({ capabilities }) => String(capabilities.maxReferences)],
    ["mask", ({ capabilities }) => yesNo(capabilities.mask)],
    ["backgrounds", ({ capabilities }) => capabilities.backgrounds.join(", ")],
    ["fidelity", ({ capabilities }) => yesNo(capabilities.fidelity)],
    ["compression", ({ capabilities }) => capabilities.compression],
    ["goes on after a restart", ({ resume }) => yesNo(resume !== undefined)],
    ["tells its balance", ({ balance }) => yesNo(balance !== undefined)],
    ["timeout, s", ({ timeoutMs }) => String(timeoutMs / 1000)],
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(["", ...providers.map(({ label }) => label)]),
    line(["---", ...providers.map(() => "---")]),
    ...rows.map(([name, cell]) => line([name, ...providers.map(cell)])),
  ].join("\n");
}

/** The table of docs/providers.md: what each model of OpenAI can do and costs, from the data of the adapter. */
export function renderModels(): string {
  const head =
    "| model | sizes | transparent | fidelity | text in | image in | image out | 1024x1024 | ends | source |";
  const rows = openAiModels.map(({ ids, capabilities, prices, outputTokens, sendsFidelity, ...model }) => {
    const transparent = capabilities.backgrounds.includes("transparent");
    const square = outputTokens
      ? (["low", "medium", "high"] as const).map((quality) => outputTokens({ width: 1024, height: 1024 }, quality))
      : undefined;
    return [
      ids[0],
      sizesOf(capabilities),
      yesNo(transparent),
      sendsFidelity ? "low, high" : capabilities.fidelity ? "always high" : "no",
      `${prices.textIn}, cached ${prices.textInCached}`,
      `${prices.imageIn}, cached ${prices.imageInCached}`,
      String(prices.imageOut),
      square ? square.join(", ") : "not published",
      model.endsOn ?? "",
      model.source,
    ].join(" | ");
  });
  return [head, `|${" --- |".repeat(10)}`, ...rows.map((row) => `| ${row} |`)].join("\n");
}

function created(definition: ProviderDefinition): Provider {
  const extra = Object.fromEntries(
    Object.entries(definition.variables).map(([name, { fallback }]) => [name, fallback ?? "1"]),
  );
  const baseUrl = definition.defaultBaseUrl || "http://localhost";
  const settings = { apiKey: "none", baseUrl, concurrency: 1, timeoutMs: definition.defaultTimeoutMs, extra };
  return definition.create(settings, { world: realWorld(), cache: createCache(), notes: createCache() });
}

function sizesOf({ sizes, customSizes, ratios }: Capabilities): string {
  if (ratios.length > 0) return `${ratios.length} shapes in 1K, 2K, 4K`;
  return customSizes ? "any, multiples of 16" : `${sizes.length} listed`;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
