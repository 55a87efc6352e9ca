/** One message in Slack. */
export interface Spot {
  readonly channel: string;
  readonly ts: string;
}

/** The place to which a result goes. Kept with the job as JSON, so that a process which never saw the event can post; holds no secret. */
export interface ReplyTarget {
  readonly team: string;
  readonly user: string;
  /** Where it was asked; the app may not be in there. Absent: a direct message. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
  readonly private: boolean;
  /** A step of a workflow asked, which is given the file; `user` is empty where nobody started it. */
  readonly step?: true | undefined;
  /** The message that becomes the result. */
  readonly waiting?: Spot | undefined;
}

export function writeReplyTarget(target: ReplyTarget): string {
  return JSON.stringify(target);
}

/** Reads what `writePlace` wrote. */
export function readReplyTarget(json: string): ReplyTarget {
  return JSON.parse(json);
}

/** Was it asked in a channel that the message did not reach? */
export function isElsewhere(target: ReplyTarget, channel: string): boolean {
  return !target.private && target.channel !== undefined && target.channel !== channel;
}

/** A conversation of the app with one member. */
export function isDirect(channel: string): boolean {
  return channel.startsWith("D");
}

/** A thread in the conversation of the app with one member; where the app is an agent, Slack has a session for each. */
export interface AgentThread {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
  /** The message at its head. */
  readonly thread: string;
}

interface Where {
  readonly team: string;
  readonly user: string;
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
}

/** Gives the thread with the app in which something happened, or to which it goes; undefined elsewhere. */
export function agentThread({ team, user, channel, thread }: Where): AgentThread | undefined {
  if (channel === undefined || thread === undefined || !isDirect(channel)) return undefined;
  return { team, user, channel, thread };
}
