import type { Html } from "./html.ts";

/** Something to be drawn: `docs/pictures/<name>.png`. */
export interface Picture {
  readonly name: string;
  /** The style sheets: `<look>*.css`. */
  readonly look: "discord" | "slack";
  readonly body: Html;
}
