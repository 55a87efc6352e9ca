import type { Provider } from "../../src/providers/provider.ts";
import { createTenantKeys, type TenantKeys } from "../../src/providers/tenant-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { createKeySeal, type KeySeal } from "../../src/store/key-seal.ts";
import type { World } from "../../src/world.ts";

export const testKeySeal = (): KeySeal => createKeySeal(["the secret that seals the keys of tests"]);

export interface TestKeysOptions {
  readonly database: Database;
  readonly world: World;
  readonly seal?: KeySeal | undefined;
  /** None, by default: then nobody can bring a key that is of use. */
  readonly create?: ((service: string, key: string) => readonly Provider[]) | undefined;
  readonly hide?: ((secret: string) => void) | undefined;
}

/** Keys of tenants over a store, with services that a test makes. */
export function testTenantKeys({ database, world, seal, create, hide }: TestKeysOptions): TenantKeys {
  const { db } = database;
  const serviceNames = ["service", "second"];
  return createTenantKeys({
    db,
    world,
    seal,
    serviceNames,
    create: create ?? (() => []),
    hide: hide ?? (() => undefined),
  });
}
