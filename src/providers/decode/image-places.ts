/** One container around a value, outermost first: a list, or an object with the key that leads on. */
export type Step = { readonly isList: true } | { readonly isList: false; readonly key: string };

/** A string that may be an image: `b64_json` holds base64 (or a data URI), `url` an address, a data URI or base64. */
export interface ImagePlace {
  readonly key: "b64_json" | "url";
  /** Names the nearest list around it by the keys that lead there; "" where there is none. */
  readonly list: string;
  /** It stands in the list itself, not in an object of it. */
  readonly isElement: boolean;
}

/**
 * Keys below which relays put images: OpenAI's `data`, and what others make of it; chat answers with images, and
 * Gemini's parts. Nothing that a member wrote, such as a prompt that is echoed, stands below any of them.
 */
const containers =
  /^(data|images?|outputs?|results?|artifacts|items|generations?|response|payload|image_urls?|urls|choices|message|candidates|content|parts|inline_?data)$/i;
const byteKeys = /^(b64_json|b64|base64|image_?base64|base64_?image)$/i;
/** The values of these keys may be words as well: they count only when they begin as images or addresses do. */
const eitherKeys = /^(url|image_?url|file_?url|image|result|data)$/i;

/** Tells whether the string that comes next may be an image, by the keys that lead to it; undefined where it may not. */
export function placeOf(path: readonly Step[]): ImagePlace | undefined {
  const keys = path.flatMap((step) => (step.isList ? [] : [step.key]));
  const isElement = path.at(-1)?.isList === true;
  const above = isElement ? keys : keys.slice(0, -1);
  if (!above.every((key) => containers.test(key))) return undefined;
  const list = listAround(path);
  if (isElement) return { key: "url", list, isElement };
  const own = keys.at(-1) ?? "";
  if (byteKeys.test(own)) return { key: "b64_json", list, isElement };
  return eitherKeys.test(own) ? { key: "url", list, isElement } : undefined;
}

/** Tells whether the container that has just been opened is an object of a list in which images may be. */
export function isListItem(path: readonly Step[]): boolean {
  const [before, own] = path.slice(-2);
  if (path.length < 2 || own?.isList !== false || before?.isList !== true) return false;
  return path.slice(0, -1).every((step) => step.isList || containers.test(step.key));
}

export function listAround(path: readonly Step[]): string {
  const last = path.findLastIndex(({ isList }) => isList);
  return path
    .slice(0, last + 1)
    .map((step) => (step.isList ? "[]" : step.key))
    .join(".");
}
