import { serviceOf } from "../request.ts";
import type { Provider, ProviderDefinition, ProviderSettings, ProviderTools } from "./provider.ts";

interface Configured {
  readonly definition: ProviderDefinition;
  readonly settings: ProviderSettings;
}

/** Every service in use, in the order of preference; each model of it on its own where several are offered. */
export function createProviders(configured: readonly Configured[], tools: ProviderTools): readonly Provider[] {
  return configured.flatMap(({ definition, settings }) =>
    (definition.models?.(settings.extra) ?? [undefined]).map((model) => definition.create(settings, tools, model)),
  );
}

/** The first model of each service: all models of one share its address, key and balance. */
export function firstOfEach<One extends Pick<Provider, "name">>(providers: readonly One[]): readonly One[] {
  return providers.filter(
    ({ name }, at) => providers.findIndex((other) => serviceOf(other.name) === serviceOf(name)) === at,
  );
}

/** The name under which jobs and calls keep a service. */
export function lastingName({ name, lastingName: lasting = name }: Pick<Provider, "name" | "lastingName">): string {
  return lasting;
}

/** Finds a service by the name that a member chose or a job keeps; the name of a service alone means its first model. */
export function findProvider<One extends Pick<Provider, "name" | "lastingName">>(
  providers: readonly One[],
  name: string,
): One | undefined {
  return (
    providers.find((provider) => provider.name === name || provider.lastingName === name) ??
    providers.find((provider) => serviceOf(provider.name) === name)
  );
}
