import { isFinal, type JobView } from "../../../contract/usecases.ts";
import { createTurns } from "../../../flow/turns.ts";
import { clip } from "../../../text/words.ts";
import { codeOf } from "../api/faults.ts";
import type { AgentSessions, SlackContext } from "../context.ts";
import type { AgentThread } from "../messages/reply-target.ts";
import { jobsIn } from "./thread.ts";

type Status = "processing" | "active" | "suspended";

const agentMs = 24 * 60 * 60_000;
/** An operator who makes the app an agent sees it soon. */
const noAgentMs = 60 * 60_000;
const titleLimit = 200;

/** `not_authorized`: the app is not declared as an agent (KiroCrew#9822); the others: Slack has no agents there. */
const noAgent =
  /^(not_authorized|missing_scope|unknown_method|feature_disabled|method_deprecated|access_denied|no_permission|not_allowed_token_type|team_access_not_granted|accesslimited)$/;

type Deps = () => Pick<SlackContext, "context" | "options" | "workspaces">;

export function createAgentSessions(slackOf: Deps): AgentSessions {
  const turns = createTurns();
  const { asAgent, isAgent } = rememberedAgents(slackOf);
  const set = async (thread: AgentThread, status: Status, title: string): Promise<boolean> => {
    const { team, user, channel, thread: thread_ts } = thread;
    const { workspaces, context } = slackOf();
    const about = title === "" ? {} : { title: clip(title, titleLimit), initiator_user_id: user };
    const how = { method: "agents.sessions.setStatus", order: `session:${channel}:${thread_ts}` };
    const taken = await asAgent(team, () =>
      workspaces.call(team, how, (client) =>
        client.agents.sessions.setStatus({ channel_id: channel, thread_ts, status, ...about }),
      ),
    );
    if (taken) await context.cache.set(keyOf(thread), status, agentMs);
    return taken;
  };
  const show = async (thread: AgentThread, except: string | undefined): Promise<void> => {
    if ((await isAgent(thread.team)) === "no") return;
    const open = (await jobsIn(slackOf(), thread)).filter(({ id, state }) => id !== except && !isFinal(state));
    const status = statusOf(open);
    if ((await slackOf().context.cache.get<string>(keyOf(thread))) === status) return;
    await set(thread, status, open[0]?.request.prompt ?? "");
  };
  const underway = new Set<Promise<void>>();
  /** One at a time: a status that was read first must not be shown last. */
  const inTurn = (thread: AgentThread, work: () => Promise<unknown>): Promise<void> => {
    const warn = (err: unknown) =>
      slackOf().context.log.warn({ err }, "the status of an agent's session is not up to date");
    const turn = turns.take(keyOf(thread), work).then(() => undefined, warn);
    const done = turn.finally(() => underway.delete(done));
    underway.add(done);
    return done;
  };
  return {
    asAgent,
    async open(thread, title) {
      const known = await isAgent(thread.team);
      return known === undefined ? set(thread, "active", title) : known === "yes";
    },
    show: (thread, except) => inTurn(thread, () => show(thread, except)),
    stop: async () => void (await Promise.allSettled(underway)),
    rest: (thread) => inTurn(thread, () => set(thread, "active", "")),
  };
}

const keyOf = ({ team, channel, thread }: AgentThread) => `slack:session:${team}:${channel}:${thread}`;

/** Workspaces in which the app is an agent, and those in which it is none, as far as Slack has told. */
function rememberedAgents(slackOf: Deps) {
  const key = (team: string) => `slack:agent:${team}`;
  const isAgent = (team: string) => slackOf().context.cache.get<"yes" | "no">(key(team));
  const asAgent = async (team: string, work: () => Promise<unknown>): Promise<boolean> => {
    const { cache, log } = slackOf().context;
    if ((await isAgent(team)) === "no") return false;
    try {
      await work();
      await cache.set(key(team), "yes", agentMs);
      return true;
    } catch (err) {
      const isNone = noAgent.test(codeOf(err) ?? "");
      if (isNone) await cache.set(key(team), "no", noAgentMs);
      const what = isNone ? "Slack: the app is no agent in this workspace" : "Slack did not take what an agent says";
      log.info({ team, err }, what);
      return false;
    }
  };
  return { asAgent, isAgent };
}

/** `suspended`: somebody has to agree before it goes on. */
function statusOf(open: readonly JobView[]): Status {
  if (open.some(({ state }) => state !== "awaiting")) return "processing";
  return open.length > 0 ? "suspended" : "active";
}
