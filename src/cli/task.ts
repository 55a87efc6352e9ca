/** A task that a command line gives this program. */
export type Task =
  | { readonly name: "start" }
  | { readonly name: "check" | "audit" }
  | { readonly name: "backup" | "restore"; readonly file: string }
  | ({ readonly name: "imagine" } & ImagineTask)
  | { readonly name: "grant"; readonly member: string; readonly amount: number }
  | { readonly name: "usage"; readonly days: number };

/** Values as they were typed: the use case reads them. */
export interface ImagineTask {
  readonly prompt: string;
  /** A folder for the images. */
  readonly out: string;
  readonly size?: string;
  readonly quality?: string;
  readonly count?: number;
  readonly format?: string;
  readonly provider?: string;
  /** Files on this machine. */
  readonly image: readonly string[];
  readonly mask?: string;
  /** Do not ask before a high price. */
  readonly yes: boolean;
}
