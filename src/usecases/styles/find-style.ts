import type { Context } from "../../context.ts";
import type { Style, StyleDefault, StyleName } from "../../contract/styles.ts";
import type { Caller } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { memberId, tenantId } from "../../policy/documents.ts";
import { isNoStyle, type NamedStyle, readStyleName, type StyleDocument } from "../../policy/styles.ts";
import type { Db, Trx } from "../../store/connection.ts";
import { defaultStyle, type KeptStyle, styleDefaults, stylesNamed, stylesOf } from "../../store/styles.ts";

export type StoredStyle = KeptStyle<StyleDocument>;

/** The scopes whose styles a caller may draw in, an own style before one of the tenant. */
const scopesOf = ({ member, tenant }: Caller) => [memberId(member), tenantId(tenant)];

/** The styles that a caller may draw in: own ones first. */
export async function listStyles(context: Context, caller: Caller): Promise<readonly Style[]> {
  return (await storedStyles(context, caller)).map(styleView);
}

/** Their names, each once. */
export async function listNames(context: Context, caller: Caller): Promise<readonly string[]> {
  const names = new Map<string, string>();
  for (const { foldedName, name } of await storedStyles(context, caller)) {
    if (!names.has(foldedName)) names.set(foldedName, name);
  }
  return [...names.values()];
}

function storedStyles({ database }: Context, caller: Caller): Promise<StoredStyle[]> {
  return stylesOf<StyleDocument>(database.db, scopesOf(caller)); // "member:" comes before "tenant:"
}

export async function listDefaults({ database }: Context, caller: Caller): Promise<readonly StyleDefault[]> {
  const owner = tenantId(caller.tenant);
  const [defaults, styles] = await Promise.all([
    styleDefaults(database.db, owner),
    stylesOf<StyleDocument>(database.db, [owner]),
  ]);
  return defaults.map(({ foldedName, channel }) => {
    const name = styles.find((style) => style.foldedName === foldedName)?.name ?? foldedName;
    return { name, channel };
  });
}

/** Throws Refusal `style-name`, `style-unknown`. */
export async function findStyle(
  context: Context,
  { name: typed, shared = false }: StyleName,
  caller: Caller,
  db: Db | Trx = context.database.db,
): Promise<StoredStyle> {
  const { foldedName, name } = readStyleName(typed);
  const scopes = shared ? [tenantId(caller.tenant)] : scopesOf(caller);
  const found = await stylesNamed<StyleDocument>(db, scopes, foldedName);
  const [style] = found.toSorted((a, b) => scopes.indexOf(a.owner) - scopes.indexOf(b.owner));
  if (style) return style;
  const known = await stylesOf<StyleDocument>(db, scopes);
  throw new Refusal("style-unknown", { name, known: known.map((one) => one.name) });
}

/** The style that an order is drawn in: the one that it names, else, where it takes one, the default of where it is asked for. */
export async function styleOf(
  context: Context,
  named: string | undefined,
  { caller, takesDefault }: { readonly caller: Caller; readonly takesDefault: boolean },
): Promise<NamedStyle | undefined> {
  if (named !== undefined) return isNoStyle(named) ? undefined : findStyle(context, { name: named }, caller);
  if (!takesDefault) return undefined;
  return defaultStyle<StyleDocument>(context.database.db, tenantId(caller.tenant), caller.channel);
}

export function styleView({ owner, name, document }: StoredStyle): Style {
  const { references, ...options } = document;
  return { ...options, name, shared: owner.startsWith("tenant:"), references: references.length };
}
