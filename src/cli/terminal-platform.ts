import type { Poster } from "../contract/delivery.ts";

/** The platform of jobs that were asked for in a terminal are told: whoever asked watches them, so nothing is to be posted. */
export const terminalPlatform: Poster = {
  name: "terminal",
  deliver: async ({ job }) => ({ route: "private", message: `terminal:${job.id}` }),
};
