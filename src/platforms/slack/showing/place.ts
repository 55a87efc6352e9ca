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
