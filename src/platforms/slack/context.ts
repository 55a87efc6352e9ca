import type { AnyCommand } from "../../command/command.ts";
import type { PlatformContext } from "../platform.ts";
import type { Members } from "./api/members.ts";
import type { Workspaces } from "./api/workspaces.ts";
import type { SlackEvent } from "./event.ts";
import type { FormMemory } from "./events/modal.ts";
import type { QuoteInput } from "./events/quote-input.ts";
import type { SettingChoice } from "./home/settings-blocks.ts";
import type { Followers } from "./messages/follow.ts";
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
