import { Refusal } from "../../../errors.ts";

/** An id that could be one of a job or a confirmation, whatever came in an address. Throws Refusal `job-unknown`. */
export function readId(given: string): string {
  if (!/^[0-9a-z]{1,64}$/.test(given)) throw new Refusal("job-unknown", {});
  return given;
}
