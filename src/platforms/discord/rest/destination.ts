/** A channel to which a request goes. */
export interface Destination {
  readonly channel: string;
  /** The guild on whose account it goes there, direct messages to its members included: refusals count against it. */
  readonly guild?: string | undefined;
}

/** A channel may be closed for one of these and open for the others. */
export type Act = "post" | "edit" | "read";

export interface Aim extends Destination {
  readonly act: Act;
  /** Files go along: words alone may be allowed where these are not. */
  readonly files?: boolean | undefined;
}
