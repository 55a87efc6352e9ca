import type { Config } from "../config/config.ts";
import { createProviders } from "../providers/offered.ts";
import type { Provider, ProviderTools } from "../providers/provider.ts";
import { createTenantKeys, type TenantKeys } from "../providers/tenant-keys.ts";
import { serviceOf } from "../request.ts";
import { createKeySeal } from "../store/key-seal.ts";
import type { Cache } from "../world.ts";
import type { AppDeps } from "./assemble.ts";

/** The keys of tenants, for the services of the configuration: their addresses and prices are the operator's to say. */
export function keysOfTenants({ config, database, world, learnt }: AppDeps, tools: ProviderTools): TenantKeys {
  const { keySecrets, providers } = config;
  return createTenantKeys({
    ...{ db: database.db, world },
    serviceNames: providers.filter(({ definition }) => definition.needsKey).map(({ definition }) => definition.name),
    seal: keySecrets && createKeySeal(keySecrets),
    create(service, apiKey, id) {
      const found = providers.filter(({ definition }) => definition.name === service && definition.needsKey);
      const keyed = found.map((one) => ({ ...one, settings: { ...one.settings, apiKey } }));
      return createProviders(keyed, { ...tools, cache: apart(tools.cache, id), notes: apart(tools.notes, id) });
    },
    hide: (secret) => learnt?.add(secret),
  });
}

/** Nothing that is learnt by one key is taken to be true of another. */
function apart(cache: Cache, id: string): Cache {
  const own = (key: string) => `tenant-key:${id}:${key}`;
  return {
    get: (key) => cache.get(own(key)),
    set: (key, value, ms) => cache.set(own(key), value, ms),
    delete: (key) => cache.delete(own(key)),
  };
}

/** Services that the operator gave no key for: they are called by keys of tenants only. */
export function unfundedServices({ providers }: Pick<Config, "providers">): readonly string[] {
  return providers
    .filter(({ definition, settings }) => definition.needsKey && settings.apiKey === "")
    .map(({ definition }) => definition.name);
}

/** Providers of which the unfunded ones ask the service nothing: there is no key to ask with. */
export function withoutAccounts(providers: readonly Provider[], unfunded: readonly string[]): readonly Provider[] {
  return providers.map((provider) => {
    if (!unfunded.includes(serviceOf(provider.name))) return provider;
    const { balance: _, modelEnd: __, ...rest } = provider;
    return { ...rest, check: async () => undefined };
  });
}
