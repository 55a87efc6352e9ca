import type { StoredImage } from "../image.ts";
import { plainRequest, readDraft } from "./draft.ts";
import type { Room } from "./room.ts";
import type { Caller, Draft, Files, QuoteView } from "./usecases.ts";

/** Stands for a file that is not here yet: services are chosen by how many there are, not by what they show. */
const someImage: StoredImage = { file: "", sha256: "", format: "png", width: 1024, height: 1024, bytes: 0 };

/** What the draft would cost now; its files are not looked at. Throws Refusal. */
export async function quote(room: Room, draft: Draft, caller: Caller, files?: Files): Promise<QuoteView> {
  const { images: _, mask: __, ...typed } = draft;
  const references = Array.from({ length: files?.references ?? 0 }, () => someImage);
  const mask = files?.masked && references.length > 0 ? { mask: someImage } : {};
  const { provider, quote: priced } = room.router.route({
    ...readDraft(typed, { ...plainRequest, references }),
    ...mask,
  });
  const { available } = await room.credits.statement(caller.member, 0);
  return { ...priced, provider: provider.label, available, after: available - priced.total };
}
