/** The tables of saved ways to draw. */
export interface StyleTables {
  style: StyleRow;
  style_input: StyleInputRow;
  style_default: StyleDefaultRow;
}

/** A saved way to draw. */
interface StyleRow {
  /** The scope that it belongs to: `member:discord:7`, `tenant:discord:guild:1`. */
  owner: string;
  folded_name: string;
  name: string;
  /** The use case's own. */
  document: string;
  changed_at: number;
}

interface StyleInputRow {
  owner: string;
  folded_name: string;
  file: string;
  member: string;
  bytes: number;
}

/** A tenant's default style; an empty channel is the whole tenant. */
interface StyleDefaultRow {
  owner: string;
  channel: string;
  folded_name: string;
}
