import type { Poster } from "../contract/delivery.ts";

/** Where jobs that were asked for in a terminal are told: whoever asked watches them, so nothing is to be posted. */
export const terminalPlatform: Poster = {
  name: "terminal",
  deliver: async ({ job }) => ({ route: "private", message: `terminal:${job.id}` }),
};
