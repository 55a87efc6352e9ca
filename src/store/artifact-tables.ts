/** One image that a job yielded; the bytes lie in the spool. */
export interface ArtifactRow {
  job: string;
  idx: number;
  attempt: string;
  file: string;
  sha256: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  /** The owner's own words for who cannot see it; null: they are made from the prompt. */
  description: string | null;
  /** 1: hidden until somebody looks, 0: not; null: the owner did not say. */
  spoiler: number | null;
}
