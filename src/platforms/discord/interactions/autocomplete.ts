import type { AnyCommand } from "../../../command/command.ts";
import type { Field } from "../../../command/fields.ts";
import type { Draft, UseCases } from "../../../contract/usecases.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import type { Typed } from "./options.ts";
import { pricedSize, pricedSizes } from "./sizes.ts";

export interface Choice {
  readonly name: string;
  readonly value: string;
}

/**
 * The suggestions that hold what was typed so far. Sizes and services come with their prices for the options that are
 * filled in already. Only names wait for the database; nothing waits for a network.
 */
export async function suggestions({ fields }: AnyCommand, typed: Typed, deps: SuggestionDeps): Promise<Choice[]> {
  const { name, value } = typed.focused ?? { name: "", value: "" };
  const words = value.trim();
  const field: Field | undefined = fields[name];
  const names = field && (await namesFor(field, deps));
  const offered = !field
    ? []
    : names
      ? matching(names, words)
      : offers(name, field, words, { ...deps, draft: draftOf(typed, name) });
  return offered.slice(0, 25).map((choice) => ({ name: clip(choice.name, 100), value: choice.value.slice(0, 100) }));
}

/** The names that a field chooses from; undefined for other fields. */
async function namesFor({ kind }: Field, { styles, references }: SuggestionDeps): Promise<Choice[] | undefined> {
  if (kind === "style") return (await styles()).map((name) => ({ name, value: name }));
  if (kind === "reference") return (await references()).map((name) => ({ name: `@${name}`, value: name }));
  return undefined;
}

interface SuggestionDeps {
  readonly usecases: UseCases;
  readonly text: Text;
  /** The names of the styles that the member can draw in. */
  styles(): Promise<readonly string[]>;
  /** The names of the saved images that the member can start from. */
  references(): Promise<readonly string[]>;
}

interface OfferDeps extends Pick<SuggestionDeps, "usecases" | "text"> {
  readonly draft: Partial<Draft>;
}

function offers(name: string, field: Field, words: string, { draft, usecases, text }: OfferDeps): Choice[] {
  if (field.kind === "service") {
    const services = usecases.services(draft).map((offer) => ({ value: offer.name, name: text.service(offer) }));
    const isMeant = words !== "" && services.length > 1 && "compare".startsWith(words.toLowerCase());
    return isMeant ? [{ value: "compare", name: text.batches.compare }] : matching(services, words);
  }
  if (field.kind !== "choice" || !field.open) return [];
  if (name !== "size") {
    const choices = field.choices.map(({ value, label }) => ({ value, name: label(text) }));
    return withOwn(choices, words, words === "" ? undefined : { value: words, name: words });
  }
  return withOwn(pricedSizes(draft, usecases, text), words, pricedSize(words, draft, usecases, text));
}

/** Puts the typed text first, since any text may be sent. */
function withOwn(offered: readonly Choice[], words: string, own: Choice | undefined): Choice[] {
  const known = offered.some(({ value }) => value.toLowerCase() === words.toLowerCase());
  return [...(own && !known ? [own] : []), ...matching(offered, words)];
}

function matching(offered: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.toLowerCase().split(/\s+/);
  return offered.filter(({ value, name }) => wanted.every((word) => `${value} ${name}`.toLowerCase().includes(word)));
}

/** Reads all that is known of the request; the option that is being typed is not. */
function draftOf({ values }: Typed, focused: string): Partial<Draft> {
  const text = (name: string) => (name === focused ? undefined : values.get(name)?.toString());
  const number = (name: "count" | "compression") => {
    const value = text(name);
    return value !== undefined && Number.isInteger(Number(value)) ? { [name]: Number(value) } : {};
  };
  return {
    size: text("size"),
    quality: text("quality"),
    format: text("format"),
    provider: text("provider"),
    background: text("background"),
    fidelity: text("fidelity"),
    ...number("count"),
    ...number("compression"),
  };
}
