import type { JobView } from "../../../contract/usecases.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, unknownMember } from "../event.ts";
import { type AgentThread, readReplyTarget } from "../messages/reply-target.ts";

/** The member's jobs in the thread, newest first. */
export function jobsIn(
  { context, options }: Pick<SlackContext, "context" | "options">,
  { team, user, channel, thread }: AgentThread,
): Promise<readonly JobView[]> {
  const nowhere = { trigger: undefined, respond: undefined, inbound: `slack:thread:${channel}:${thread}` };
  const event = { ...unknownMember(options.locale), ...nowhere, team, user, name: "", channel, thread };
  const isThere = (json: string) => {
    const target = readReplyTarget(json);
    return target.channel === channel && target.thread === thread;
  };
  return context.usecases.jobsAt(isThere, callerOf(event, { team, user, private: true }));
}
