import { type Caller, type JobImage, meantBy, type UseCases } from "../src/contract/usecases.ts";
import { Refusal } from "../src/errors.ts";

/** The caller's latest job that has images. Throws Refusal `job-has-no-images`. */
export async function latestJob(usecases: UseCases, caller: Caller): Promise<JobImage> {
  const jobs = await usecases.history(caller, { limit: 10 });
  const made = jobs.find(({ images }) => images.length > 0);
  if (!made) throw new Refusal("job-has-no-images", {});
  return meantBy(made);
}
