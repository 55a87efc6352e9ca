import type { Written } from "./part-file.ts";

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since 1970, by the clock of the storage. */
  readonly changedAt: number;
}

/** Storage that many machines share, by the keys of the spool. Everything may throw: the storage can be out of reach. */
export interface ObjectStore {
  /** The file at `path`, whole: what is stored afterwards has exactly these bytes. Replaces what was there. */
  put(key: string, path: string, written: Written): Promise<void>;
  /** Into a new file at `path`, checked against the hash it was stored with; false when there is no such object. */
  get(key: string, path: string): Promise<boolean>;
  list(prefix: string): AsyncIterable<StoredObject>;
  delete(key: string): Promise<void>;
}
