import type { DescriptionUseCases } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";

const none = async () => {
  throw new Refusal("job-unknown", {});
};

/** Images are described with the bot itself only. */
export const noDescriptions: DescriptionUseCases = { of: none, change: none };
