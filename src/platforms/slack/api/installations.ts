import type { InstallationStore } from "../../platform.ts";
import type { Sealer } from "../../seal.ts";

/** The app in one workspace, or in all of an organisation. */
export interface Installation {
  /** Absent for a workspace that is served by its organisation's installation. */
  readonly token?: string | undefined;
  readonly organisation?: string | undefined;
  /** Milliseconds since 1970. */
  readonly installedAt: number;
}

/** The installations by workspace and organisation, kept sealed. */
export interface Installations {
  get(place: string): Promise<Installation | undefined>;
  put(place: string, installation: Installation): Promise<void>;
  remove(place: string): Promise<void>;
  /** Those that can still be opened. */
  all(): Promise<ReadonlyMap<string, Installation>>;
}

const prefix = "slack:";

export function createInstallations(store: InstallationStore, { seal, open }: Sealer): Installations {
  const read = (sealed: string | undefined): Installation | undefined => {
    const plain = sealed === undefined ? undefined : open(sealed);
    return plain === undefined ? undefined : JSON.parse(plain);
  };
  return {
    get: async (place) => read(await store.get(`${prefix}${place}`)),
    put: (place, installation) => store.set(`${prefix}${place}`, seal(JSON.stringify(installation))),
    remove: (place) => store.delete(`${prefix}${place}`),
    async all() {
      const entries = (await store.list(prefix)).map(
        ({ key, sealed }) => [key.slice(prefix.length), read(sealed)] as const,
      );
      return new Map(entries.filter((entry): entry is [string, Installation] => entry[1] !== undefined));
    },
  };
}
