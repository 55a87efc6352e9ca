import type { Spot } from "./messages/reply-target.ts";

/** Makes the key of a user group, as in OperatorSettings.allowances: `slack:T1/group:S2`. */
export function groupKey(team: string, group: string): string {
  return `slack:${team}/group:${group}`;
}

/** `slack:T1:U1`. */
export function memberKey(team: string, user: string): string {
  return `slack:${team}:${user}`;
}

/** The account of workflow steps that nobody started; never a member's key. */
export function stepsKey(team: string): string {
  return `slack:${team}/workflows`;
}

/** `slack:T1:C1:1700000000.000100`: finds the job again when somebody replies to its message. */
export function messageKey(team: string, { channel, ts }: Spot): string {
  return `slack:${team}:${channel}:${ts}`;
}

/** Finds the first result in a thread that began with something else. */
export function threadKey(team: string, channel: string, thread: string): string {
  return `slack:${team}:${channel}:thread:${thread}`;
}

/** `slack:T1:file:F1`: finds the job of a file that a workflow was given. */
export function fileKey(team: string, file: string): string {
  return `slack:${team}:file:${file}`;
}

/** The id of a file in its key; undefined when it is the key of something else. */
export function readFileKey(key: string): string | undefined {
  return /^slack:\w+:file:(\w+)$/.exec(key)?.[1];
}

/** Reads the key of a message; undefined when it is none in Slack. */
export function readMessageKey(key: string): { readonly team: string; readonly spot: Spot } | undefined {
  const [platform, team, channel, ts, more] = key.split(":");
  const whole = platform === "slack" && team && channel && channel !== "file" && ts && more === undefined;
  return whole ? { team, spot: { channel, ts } } : undefined;
}
