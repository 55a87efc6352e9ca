import type { Context } from "../context.ts";
import type { Draft, ServiceOffer } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { readDraft } from "../policy/draft.ts";

/** Every service with its price for a draft that may be half written; its files are not looked at. */
export function services(context: Context, draft: Partial<Draft>): ServiceOffer[] {
  const { images: _, mask: __, ...typed } = draft;
  return context.router.names.map((name) => {
    const label = context.router.get(name)?.label ?? name;
    try {
      const { quote } = context.router.route(readDraft({ ...typed, prompt: typed.prompt || "?", provider: name }));
      return { name, label, total: quote.total };
    } catch (error) {
      if (error instanceof Refusal) return { name, label };
      throw error;
    }
  });
}
