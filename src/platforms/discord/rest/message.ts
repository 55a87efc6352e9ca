import type { APIMessageTopLevelComponent } from "discord.js";

/** A message as this bot writes it, in Discord's second kind of components; whatever it says, nobody is pinged by it. */
export interface Outgoing {
  /** At most 40, counted with those inside; 4,000 characters in all. */
  readonly components: readonly APIMessageTopLevelComponent[];
  /** At most 10. Shown where a component refers to `attachment://name`. */
  readonly files?: readonly OutgoingFile[];
  /** In an edit: files that the message has already, and keeps. */
  readonly kept?: readonly KeptFile[];
}

/** A file of a posted message, as it is from now on. */
export interface KeptFile extends FileNotes {
  readonly id: string;
}

interface FileNotes {
  /** At most 1,024 characters. */
  readonly alt?: string | undefined;
  /** Hidden until somebody looks. */
  readonly spoiler?: boolean | undefined;
}

export interface OutgoingFile extends FileNotes {
  readonly path: string;
  readonly name: string;
  readonly mime: string;
}
