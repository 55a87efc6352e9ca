import type { AnyCommand } from "../../command/command.ts";
import type { PlatformContext } from "../platform.ts";
import type { Members } from "./api/members.ts";
import type { Workspaces } from "./api/workspaces.ts";
import type { SlackEvent } from "./event.ts";
import type { FormMemory } from "./events/modal.ts";
import type { QuoteInput } from "./events/quote-input.ts";
import type { SettingChoice } from "./home/settings-blocks.ts";
import type { Followers } from "./messages/follow.ts";
import type { AgentThread } from "./messages/reply-target.ts";
import type { SlackOptions } from "./options.ts";

/** Everything that the files of this platform share. */
export interface SlackContext {
  readonly options: SlackOptions;
  readonly context: PlatformContext;
  readonly workspaces: Workspaces;
  readonly members: Members;
  readonly followers: Followers;
  readonly prices: FormPrices;
  readonly home: Home;
  readonly sessions: AgentSessions;
}

/** A form that is open, as Slack last showed it. */
export interface OpenForm {
  readonly id: string;
  readonly hash: string;
  readonly memory: FormMemory;
}

/** Keeps the price in open forms up to date. */
export interface FormPrices {
  /** Never throws: a form works without its price. */
  show(form: OpenForm, command: AnyCommand, input: QuoteInput, event: SlackEvent): Promise<void>;
}

/** The App Home of every member. */
export interface Home {
  /** The member looks at it: it is shown as it is now. Never throws. */
  opened(team: string, user: string): Promise<void>;
  /** A job or the settings of the member changed: who has looked at their home since the start sees it there soon. */
  changed(team: string, user: string): void;
  /** Throws Refusal. */
  choose(event: SlackEvent, choice: SettingChoice): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Slack's sessions of an agent, one for each thread of a member with the app: their status, with the button Stop while the
 * app works (docs.slack.dev: "Agent sessions", `agents.sessions.setStatus`). Where the app is no agent (an installation
 * from before, a plan without), Slack refuses; that is remembered, and everything else goes on as it does without.
 */
export interface AgentSessions {
  /** Is the app an agent there? When that is not known, Slack is asked by opening the session. Never throws. */
  open(thread: AgentThread, title: string): Promise<boolean>;
  /** Shows how the member's jobs in the thread stand; `except` is a job that ends now. Never throws. */
  show(thread: AgentThread, except?: string): Promise<void>;
  /** Nothing is worked on any more that could be stopped. Never throws. */
  rest(thread: AgentThread): Promise<void>;
  /** Does something that only an agent may. Never throws. */
  asAgent(team: string, work: () => Promise<unknown>): Promise<boolean>;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
}
