import type { Context } from "../../context.ts";
import { anonymise } from "../../credits/anonymise.ts";
import { dayOf } from "../../credits/days.ts";
import { available, lockAccounts } from "../../credits/ledger.ts";
import { Refusal } from "../../errors.ts";
import { forgetDecider } from "../../jobs/approvals.ts";
import { hasContent } from "../../jobs/erase.ts";
import { renameMember } from "../../jobs/rename-member.ts";
import { countUnpaid } from "../../jobs/unpaid.ts";
import { forgetDocument, tenantId } from "../../policy/documents.ts";
import type { Trx } from "../../store/connection.ts";
import { clearLeaving, leavingMembers } from "../../store/departures.ts";
import { deleteReferencesBy, deleteReferencesIn, renameReferenceMember } from "../../store/named-references.ts";
import { deleteStyles, renameStyleMember } from "../../store/styles.ts";
import { removeTenantKeys, renameKeyMember } from "../../store/tenant-keys.ts";
import { eraseContent } from "./erase-content.ts";

const dayMs = 86_400_000;

/** Brings on what members asked for who want to be forgotten; returns how many of them are forgotten now. */
export async function forgetMembers(context: Context): Promise<number> {
  let forgotten = 0;
  for (const { member, askedAt } of await leavingMembers(context.database.db)) {
    await eraseContent(context, { member, madeUntil: askedAt });
    if (await forget(context, member, askedAt)) forgotten += 1;
  }
  return forgotten;
}

/** Once nothing of it is left but money, the day of its last allowance is over, and no unpaid job of it counts any more. */
async function forget(context: Context, member: string, askedAt: number): Promise<boolean> {
  const pseudonym = context.world.secret(16);
  try {
    return await context.database.transaction(async (trx) => {
      await lockAccounts(trx, available(member));
      if (await hasContent(trx, member, askedAt)) return false;
      const now = context.world.now();
      if ((await toppedUpOn(trx, member)) >= dayOf(now)) return false;
      if ((await countUnpaid(trx, member, now - dayMs)) > 0) return false; // else leaving were a way to be forgiven
      await anonymise(trx, member, pseudonym);
      const alone = directMessagesOf(member);
      await renameMember(trx, member, { pseudonym: `erased:${pseudonym}`, alone });
      await trx
        .updateTable("daily_spending")
        .set({ tenant: `erased:${pseudonym}` })
        .where("tenant", "=", alone)
        .execute();
      await trx.deleteFrom("account").where("id", "=", `ops:budget:${alone}`).execute();
      await trx
        .updateTable("outside_grant")
        .set({ member: `erased:${pseudonym}`, note: "" })
        .where("member", "=", member)
        .execute();
      await forgetDecider(trx, member, `erased:${pseudonym}`);
      await clearLeaving(trx, member);
      await forgetDocument(trx, tenantId(alone));
      await deleteStyles(trx, tenantId(alone));
      await renameStyleMember(trx, member, `erased:${pseudonym}`);
      await deleteReferencesIn(trx, alone);
      await removeTenantKeys(trx, alone, now);
      await renameKeyMember(trx, member, `erased:${pseudonym}`);
      await deleteReferencesBy(trx, member);
      await renameReferenceMember(trx, member, `erased:${pseudonym}`);
      return true;
    });
  } catch (error) {
    if (error instanceof Refusal) return false; // something newer is still under way
    throw error;
  }
}

/** Empty: never. */
async function toppedUpOn(trx: Trx, member: string): Promise<string> {
  const id = available(member);
  const row = await trx.selectFrom("account").select("topped_up_on").where("id", "=", id).executeTakeFirst();
  return row?.topped_up_on ?? "";
}

/** The tenant that a member alone is: `discord:7` writes to the bot in `discord:dm:7`. */
function directMessagesOf(member: string): string {
  return member.replace(":", ":dm:");
}
