/** One message in Slack. */
export interface Spot {
  readonly channel: string;
  readonly ts: string;
}

/** Where a result goes. Kept with the job as JSON, so that a process which never saw the event can post; holds no secret. */
export interface Place {
  readonly team: string;
  readonly user: string;
  /** Where it was asked; the app may not be in there. Absent: a direct message. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
  readonly private: boolean;
  /** The message that becomes the result. */
  readonly waiting?: Spot | undefined;
}

export function writePlace(place: Place): string {
  return JSON.stringify(place);
}

/** Reads what `writePlace` wrote. */
export function readPlace(json: string): Place {
  return JSON.parse(json);
}

/** Was it asked in a channel that the message did not reach? */
export function isElsewhere(place: Place, channel: string): boolean {
  return !place.private && place.channel !== undefined && place.channel !== channel;
}

/** A conversation of the app with one member. */
export function isDirect(channel: string): boolean {
  return channel.startsWith("D");
}

/** `slack:T1:C1:1700000000.000100`: finds the job again when somebody replies to its message. */
export function messageKey(team: string, { channel, ts }: Spot): string {
  return `slack:${team}:${channel}:${ts}`;
}

/** Finds the first result in a thread that began with something else. */
export function threadKey(team: string, channel: string, thread: string): string {
  return `slack:${team}:${channel}:thread:${thread}`;
}

/** Undefined when it is no message in Slack. */
export function readMessageKey(key: string): { readonly team: string; readonly spot: Spot } | undefined {
  const [platform, team, channel, ts, more] = key.split(":");
  const whole = platform === "slack" && team && channel && ts && more === undefined;
  return whole ? { team, spot: { channel, ts } } : undefined;
}
