import type { BatchUseCases } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";

const none = async () => {
  throw new Refusal("job-unknown", {});
};

/** Fakes have no batches: these are tried with the bot itself. */
export const noBatches: BatchUseCases = {
  view: none,
  cancel: none,
  remove: none,
  // biome-ignore lint/correctness/useYield: there is nothing to watch
  async *watch() {
    throw new Refusal("job-unknown", {});
  },
};
