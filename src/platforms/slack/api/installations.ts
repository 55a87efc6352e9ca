import type { InstallationStore } from "../../platform.ts";
import type { Sealer } from "../../seal.ts";

/** The app in one workspace. */
export interface Installation {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly installedAt: number;
}

/** The installations by workspace, kept sealed. */
export interface Installations {
  get(team: string): Promise<Installation | undefined>;
  put(team: string, installation: Installation): Promise<void>;
  remove(team: string): Promise<void>;
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
    get: async (team) => read(await store.get(`${prefix}${team}`)),
    put: (team, installation) => store.set(`${prefix}${team}`, seal(JSON.stringify(installation))),
    remove: (team) => store.delete(`${prefix}${team}`),
    async all() {
      const entries = (await store.list(prefix)).map(
        ({ key, sealed }) => [key.slice(prefix.length), read(sealed)] as const,
      );
      return new Map(entries.filter((entry): entry is [string, Installation] => entry[1] !== undefined));
    },
  };
}
