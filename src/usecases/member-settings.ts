import type { Room } from "../context.ts";
import type { Caller, MemberSettings } from "../contract/usecases.ts";
import { checkMemberSettings } from "../policy/check-settings.ts";
import { lockDocument, memberId, memberSettingsOf } from "../policy/documents.ts";
import { writeSetting } from "../store/settings.ts";

/** Changes what the member says and leaves the rest, however many change at once. Throws Refusal, then nothing changed. */
export async function changeSettings(
  room: Room,
  change: Partial<MemberSettings>,
  { member }: Caller,
): Promise<MemberSettings> {
  const checked = checkMemberSettings(change, room.router.names);
  const now = room.world.now();
  return room.database.transaction(async (trx) => {
    await lockDocument(trx, memberId(member), now);
    await writeSetting(trx, memberId(member), { ...(await memberSettingsOf(trx, member)), ...checked }, now);
    return memberSettingsOf(trx, member);
  });
}
