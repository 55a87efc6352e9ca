/** A small message, the same on every platform; each renders it in its own way. Plain text: platforms escape it. */
export interface Card {
  readonly title: string;
  readonly tone: "plain" | "good" | "bad" | "waiting";
  readonly paragraphs: readonly string[];
  readonly rows?: readonly { readonly label: string; readonly value: string }[];
  readonly buttons?: readonly CardButton[];
  /** The address of a page that a press leads to; it is a secret of whoever is shown the card. */
  readonly link?: { readonly label: string; readonly url: string };
}

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
