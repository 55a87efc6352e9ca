/** The tables of members' visits to pages of their own. */
export interface VisitTables {
  visit: VisitRow;
  visit_input: VisitInputRow;
}

/** A link to a page of one member. */
interface VisitRow {
  id: string;
  member: string;
  tenant: string;
  /** The use case's own. */
  document: string;
  made_at: number;
  /** Null while the link was not used. */
  opened_at: number | null;
  /** SHA-256 of the secret that the member's browser was given then. */
  session_hash: string | null;
}

interface VisitInputRow {
  visit: string;
  file: string;
  bytes: number;
}
