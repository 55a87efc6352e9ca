import type { Context } from "../context.ts";
import type { Caller, MemberSettings } from "../contract/usecases.ts";
import { checkMemberSettings } from "../policy/check-settings.ts";
import { lockDocument, memberId, memberSettingsOf } from "../policy/documents.ts";
import { writeSetting } from "../store/settings.ts";

/** Changes what the member says and leaves the rest, however many change at once. Throws Refusal, then nothing changed. */
export async function changeSettings(
  context: Context,
  change: Partial<MemberSettings>,
  { member }: Caller,
): Promise<MemberSettings> {
  const checked = checkMemberSettings(change, context.router.knownNames);
  const now = context.world.now();
  return context.database.transaction(async (trx) => {
    await lockDocument(trx, memberId(member), now);
    await writeSetting(trx, memberId(member), { ...(await memberSettingsOf(trx, member)), ...checked }, now);
    return memberSettingsOf(trx, member);
  });
}
