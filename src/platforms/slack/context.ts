import type { PlatformContext } from "../platform.ts";
import type { Members } from "./api/members.ts";
import type { Workspaces } from "./api/workspaces.ts";
import type { Prices } from "./asking/price.ts";
import type { Home } from "./home/home.ts";
import type { SlackOptions } from "./options.ts";
import type { Followers } from "./showing/follow.ts";

/** What the files of this platform share. */
export interface SlackContext {
  readonly options: SlackOptions;
  readonly context: PlatformContext;
  readonly workspaces: Workspaces;
  readonly members: Members;
  readonly followers: Followers;
  readonly prices: Prices;
  readonly home: Home;
}
