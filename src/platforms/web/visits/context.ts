import type { PlatformContext } from "../../platform.ts";

/** The parts of the bot that members' pages need. */
export type VisitContext = Pick<PlatformContext, "usecases" | "world" | "log" | "fit">;
