import type { Context } from "../../context.ts";
import type { Caller } from "../../contract/usecases.ts";
import { forgetStepsOf } from "../../jobs/steps.ts";
import { forgetDocument, memberId } from "../../policy/documents.ts";
import { confirmationInputs } from "../../store/confirmations.ts";
import { noteLeaving } from "../../store/departures.ts";
import { deleteReferencesOf } from "../../store/named-references.ts";
import { deleteStyles, styleInputs } from "../../store/styles.ts";
import { deleteVisits, visitInputs } from "../../store/visits.ts";
import { cancelWaiting } from "../cancel-waiting.ts";
import { forgetConfirmations } from "../submit/confirmations.ts";
import { discardUnneeded } from "../submit/intake.ts";
import { eraseContent } from "./erase-content.ts";

/**
 * Deletes what is kept about the caller: now what can be deleted now, with the next retention what is still under way,
 * and the name of the account on a later day (else the day's allowance could be had twice). Again changes nothing.
 */
export async function deleteData(context: Context, { member }: Caller): Promise<{ jobs: number }> {
  const askedAt = context.world.now();
  const { db } = context.database;
  const files = [
    ...(await confirmationInputs(db, { member })),
    ...(await styleInputs(db, memberId(member))),
    ...(await visitInputs(db, { member })),
  ];
  const saved = await context.database.transaction(async (trx) => {
    await forgetDocument(trx, memberId(member));
    await deleteStyles(trx, memberId(member));
    const references = await deleteReferencesOf(trx, { owner: memberId(member), author: member });
    await forgetConfirmations(trx, { member });
    await deleteVisits(trx, { member });
    await forgetStepsOf(trx, member);
    await noteLeaving(trx, { member, askedAt });
    return references;
  });
  await discardUnneeded(context, [...files, ...saved]);
  await cancelWaiting(context, { member });
  const jobs = await eraseContent(context, { member, madeUntil: askedAt });
  context.log.info({ jobs }, "a member's data deleted");
  return { jobs };
}
