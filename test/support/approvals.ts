import type { Caller, JobView } from "../../src/contract/usecases.ts";
import { openRoom, type RoomOptions, type TestBot } from "./test-bot.ts";

/** A place where orders above 200 credits need approval, asked in the channel `approvals`. */
export async function openPlaceWithApproval(options: RoomOptions = {}): Promise<TestBot> {
  const house = await openRoom(options);
  const admin = house.caller("admin-1", { rights: "admin", channel: "lounge" });
  const change = { above: 200, channel: "approvals", add: ["test/role:approver", "approver-1"] };
  await house.usecases.approvals.rule(change, admin);
  house.channelPosts.length = 0;
  return house;
}

/** Somebody who may approve by a role. */
export function approver(house: TestBot, member = "approver-2", given: Partial<Caller> = {}): Caller {
  return house.caller(member, { roles: ["test/role:approver"], name: `Name of ${member}`, ...given });
}

/** An order of 250 credits, which waits for approval. */
export function orderAbove(house: TestBot, caller = house.caller(), count = 2): Promise<JobView> {
  return house.usecases.imagine({ prompt: "a red bicycle", count, quality: "high" }, caller);
}
