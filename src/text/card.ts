/** A small message, the same on every platform; each renders it in its own way. Plain text: platforms escape it. */
export interface Card {
  readonly title: string;
  readonly tone: "plain" | "good" | "bad" | "waiting";
  readonly paragraphs: readonly string[];
  readonly rows?: readonly { readonly label: string; readonly value: string }[];
  /** The rows in columns, for platforms that show tables; the others show `rows`. */
  readonly table?: CardTable;
  readonly buttons?: readonly CardButton[];
  /** The address of a page that a press leads to; it is a secret of whoever is shown the card. */
  readonly link?: { readonly label: string; readonly url: string };
}

/** Columns with a name each; a row has as many cells. */
export interface CardTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CardCell[])[];
}

/** Words, a number, or a number as it is to be shown. */
export type CardCell = string | number | { readonly value: number; readonly shown: string };

/** A command with its answers filled in, addressed by job. */
export interface CardButton {
  /** A name in commands/index.ts. */
  readonly command: string;
  /** Undefined for a command without a job field. */
  readonly job?: string | undefined;
  /** Which image of the job; undefined means the job as a whole. */
  readonly image?: number;
  readonly label: string;
  readonly style: "primary" | "plain" | "danger";
}
