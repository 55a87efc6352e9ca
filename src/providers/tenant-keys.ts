import { serviceOf } from "../request.ts";
import type { Db } from "../store/connection.ts";
import type { KeySeal } from "../store/key-seal.ts";
import type { TenantKeyRow } from "../store/tenant-key-tables.ts";
import { findTenantKey, tenantKeysOf } from "../store/tenant-keys.ts";
import type { World } from "../world.ts";
import { type Breakers, createBreakers } from "./breakers.ts";
import { findProvider } from "./offered.ts";
import { type OwnServices, ownServices } from "./own-services.ts";
import type { Provider } from "./provider.ts";

/** A key of a tenant as it can be shown: never with the key. */
export interface TenantKey extends Omit<TenantKeyRow, "sealed" | "removed_at"> {
  readonly isReadable: boolean;
}

/** A service as it is called by a tenant's key. */
export interface KeyedProvider {
  readonly key: string;
  readonly provider: Provider;
}

/** The keys that tenants brought for services, and the services as they are called by them. */
export interface TenantKeys {
  /** Undefined while the operator has not switched this on. */
  readonly seal: KeySeal | undefined;
  /** The services that are called by keys. */
  readonly serviceNames: readonly string[];
  list(tenant: string): Promise<readonly TenantKey[]>;
  services(tenant: string): Promise<OwnServices>;
  /** The service by the key that its tenant uses now; undefined when there is none, or none that can be opened. */
  forCall(tenant: string, provider: string): Promise<KeyedProvider | undefined>;
  /** The service by the very key of an earlier call; undefined when that is gone. */
  forEarlierCall(key: string, provider: string): Promise<Provider | undefined>;
  /** A service by a key that is not kept yet; undefined when this installation has no such service. */
  tryOut(service: string, key: string): Provider | undefined;
  /** The trouble with calls by a tenant's keys, apart from everybody else's; of this process. */
  breakers(tenant: string): Breakers;
  /** Tenants with the services that rest for them. */
  resting(services: readonly string[]): readonly { readonly tenant: string; readonly service: string }[];
  /** A tenant changed its keys: what was known of calls by the old ones counts no more. */
  changed(tenant: string): void;
  close(): Promise<void>;
}

export interface TenantKeysOptions {
  readonly db: Db;
  readonly world: World;
  readonly seal: KeySeal | undefined;
  readonly serviceNames: readonly string[];
  /** Every model of a service by a key; none when this installation has no such service. `id` keeps apart what is learnt by it. */
  create(service: string, key: string, id: string): readonly Provider[];
  /** From now on this never leaves the process in a log. */
  hide(secret: string): void;
}

/** Providers are kept ready for so many keys. */
const mostReady = 100;

export function createTenantKeys(options: TenantKeysOptions): TenantKeys {
  const { db, world, seal, serviceNames } = options;
  const ready = createReady(options);
  const breakers = new Map<string, Breakers>();
  const open = (row: TenantKeyRow) => seal?.open(row.sealed, row);

  function breakersOf(tenant: string): Breakers {
    const known = breakers.get(tenant) ?? createBreakers(world);
    breakers.set(tenant, known);
    return known;
  }
  function by(row: TenantKeyRow | undefined, provider: string): Provider | undefined {
    const key = row && row.service === serviceOf(provider) ? open(row) : undefined;
    return row && key !== undefined ? findProvider(ready.get(row, key), provider) : undefined;
  }
  return {
    seal,
    serviceNames,
    list: async (tenant) => (await tenantKeysOf(db, tenant)).map((row) => shown(row, open(row) !== undefined)),
    async services(tenant) {
      const rows = await tenantKeysOf(db, tenant);
      const keys = new Map(rows.map((row) => [row.service, { isReadable: open(row) !== undefined }]));
      return ownServices(keys, (provider) => breakers.get(tenant)?.isOpen(provider) === true);
    },
    async forCall(tenant, provider) {
      const row = (await tenantKeysOf(db, tenant)).find(({ service }) => service === serviceOf(provider));
      const found = by(row, provider);
      return row && found && { key: row.id, provider: found };
    },
    forEarlierCall: async (key, provider) => by(await findTenantKey(db, key), provider),
    tryOut(service, key) {
      options.hide(key);
      return options.create(service, key, world.id())[0];
    },
    breakers: breakersOf,
    resting: (services) =>
      [...breakers].flatMap(([tenant, known]) =>
        services.filter((service) => known.isResting(service)).map((service) => ({ tenant, service })),
      ),
    changed: (tenant) => void breakers.delete(tenant),
    close: ready.close,
  };
}

function shown({ sealed: _, removed_at: __, ...row }: TenantKeyRow, isReadable: boolean): TenantKey {
  return { ...row, isReadable };
}

/** Providers by key, the latest used last. One that is dropped is not closed: a call by it may be under way. */
function createReady({ create, hide }: TenantKeysOptions) {
  const ready = new Map<string, readonly Provider[]>();
  return {
    get({ id, service }: TenantKeyRow, key: string): readonly Provider[] {
      const known = ready.get(id);
      hide(key); // at each use: whoever gives many keys must not push another out of what the log hides
      const providers = known ?? create(service, key, id);
      ready.delete(id);
      ready.set(id, providers);
      const [oldest] = ready.keys();
      if (ready.size > mostReady && oldest !== undefined) ready.delete(oldest);
      return providers;
    },
    async close(): Promise<void> {
      await Promise.all([...ready.values()].flat().map((provider) => provider.close()));
      ready.clear();
    },
  };
}
