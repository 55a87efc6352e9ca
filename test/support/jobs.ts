import type { NewJob } from "../../src/jobs/job.ts";
import { plainRequest } from "../../src/policy/draft.ts";
import type { World } from "../../src/world.ts";

/** A job that waits for nothing but to be queued; whatever matters to a test is given. */
export function newJob(world: World, given: Partial<NewJob> = {}): NewJob {
  const id = world.id();
  return {
    id,
    inbound: `test:${id}`,
    platform: "test",
    tenant: "test",
    member: "member-1",
    memberName: "Member 1",
    locale: "en",
    replyTarget: "{}",
    parent: undefined,
    request: { ...plainRequest, prompt: "a red bicycle" },
    changes: [],
    provider: "service",
    tier: "1K",
    unit: 125,
    held: 125,
    createdAt: world.now(),
    ...given,
  };
}
