import { readDraft } from "./draft.ts";
import type { Room } from "./room.ts";
import type { Caller, Draft, QuoteView } from "./usecases.ts";

/** What the draft would cost now; its files are not looked at. Throws Refusal. */
export async function quote(room: Room, draft: Draft, caller: Caller): Promise<QuoteView> {
  const { images: _, mask: __, ...typed } = draft;
  const { provider, quote: priced } = room.router.route(readDraft(typed));
  const { available } = await room.credits.statement(caller.member, 0);
  return { ...priced, provider: provider.label, available, after: available - priced.total };
}
