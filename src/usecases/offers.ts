import type { Room } from "../context.ts";
import type { Draft, ServiceOffer } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { readDraft } from "../policy/draft.ts";

/** Every service with its price for a draft that may be half written; its files are not looked at. */
export function services(room: Room, draft: Partial<Draft>): ServiceOffer[] {
  const { images: _, mask: __, ...typed } = draft;
  return room.router.names.map((name) => {
    const label = room.router.get(name)?.label ?? name;
    try {
      const { quote } = room.router.route(readDraft({ ...typed, prompt: typed.prompt || "?", provider: name }));
      return { name, label, total: quote.total };
    } catch (error) {
      if (error instanceof Refusal) return { name, label };
      throw error;
    }
  });
}
