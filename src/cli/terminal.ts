import type { Platform } from "../platforms/platform.ts";

/** Where jobs that were asked for in a terminal are told: whoever asked watches them, so nothing is to be posted. */
export const terminal: Pick<Platform, "name" | "deliver"> = {
  name: "terminal",
  deliver: async ({ job }) => ({ route: "private", message: `terminal:${job.id}` }),
};
