import type { Context } from "../context.ts";
import type { Draft, ServiceOffer } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { readDraft } from "../policy/draft.ts";
import { everyService } from "../providers/own-services.ts";

/** Every service with its price for a draft that may be half written; its files are not looked at. */
export function services(context: Context, draft: Partial<Draft>): ServiceOffer[] {
  const { images: _, mask: __, ...typed } = draft;
  return context.router.names.map((name) => {
    const provider = context.router.get(name);
    const offer = { name, label: provider?.label ?? name, masks: provider?.capabilities.mask === true };
    try {
      const { quote } = context.router.route(
        readDraft({ ...typed, prompt: typed.prompt || "?", provider: name }),
        everyService,
      );
      return { ...offer, total: quote.total };
    } catch (error) {
      if (error instanceof Refusal) return offer;
      throw error;
    }
  });
}
