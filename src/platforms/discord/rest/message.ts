import type { APIMessageTopLevelComponent } from "discord.js";

/** A message as this bot writes it, in Discord's second kind of components; whatever it says, nobody is pinged by it. */
export interface Outgoing {
  /** At most 40, counted with those inside; 4,000 characters in all. */
  readonly components: readonly APIMessageTopLevelComponent[];
  /** At most 10. Shown where a component refers to `attachment://name`. */
  readonly files?: readonly OutgoingFile[];
}

export interface OutgoingFile {
  readonly path: string;
  readonly name: string;
  readonly mime: string;
  /** At most 1,024 characters. */
  readonly alt?: string;
}
