/** The table of images that were saved under names. */
export interface ReferenceTables {
  named_reference: NamedReferenceRow;
}

interface NamedReferenceRow {
  /** The scope that it belongs to: `member:discord:7`, `tenant:discord:guild:1`. */
  owner: string;
  /** Where it was saved, and can be used. */
  tenant: string;
  folded_name: string;
  name: string;
  /** The image, as the use case's own JSON. */
  document: string;
  /** Its key in the spool. */
  file: string;
  bytes: number;
  /** Whose quota it counts against. */
  member: string;
  /** Whose result it is, when that is somebody else; `job` is that result's. */
  author: string | null;
  job: string | null;
  saved_at: number;
}
