import { isAddress } from "../../../src/providers/decode/image-strings.ts";

/** Holds what is in an answer, found the slow way: read whole, with JSON.parse. */
export interface Expected {
  readonly images: ReadonlyMap<number, Buffer>;
  readonly urls: readonly (readonly [number, string])[];
  /** Without the strings that may be images. */
  readonly rest: unknown;
}

type Item = Record<string, unknown>;

/** A key of one escape alone: once a key `\` was parsed, JSON.parse takes it for another one (nodejs/node#63785). */
const misreadByV8 = /"\\(?:u[0-9a-f]{4}|[^u])"\s*:/i;

/** Undefined when it is no JSON document; `unclear` where JSON.parse is wrong, or drops what this reads: keys that come twice. */
export function expectedOf(answer: Buffer): Expected | "unclear" | undefined {
  const text = answer.toString("utf8").replace(/^\ufeff/, "");
  if (misreadByV8.test(text)) return "unclear";
  const parsed = parseObject(text);
  if (!parsed) return isList(text) ? "unclear" : undefined;
  return telling(text) > telling(JSON.stringify(parsed)) || mayHoldMore(parsed) ? "unclear" : taken(parsed);
}

/** Takes the images out of a document; what is left of it is the rest. */
function taken(parsed: Item): Expected {
  const images = new Map<number, Buffer>();
  const urls: [number, string][] = [];
  const items: unknown[] = Array.isArray(parsed.data) ? parsed.data : [];
  for (const [index, item] of items.filter(isItem).entries()) {
    const found = imageIn(item);
    if (Buffer.isBuffer(found)) images.set(index, found);
    else if (found !== undefined) urls.push([index, found]);
    for (const key of ["b64_json", "url"]) if (typeof item[key] === "string") delete item[key];
  }
  return { images, urls, rest: parsed };
}

/** The first bytes that are good, else the last address. */
function imageIn(item: Item): Buffer | string | undefined {
  let address: string | undefined;
  for (const key of Object.keys(item)) {
    const value = item[key];
    if ((key !== "b64_json" && key !== "url") || typeof value !== "string") continue;
    const text = base64In(key, value);
    const bytes = text === undefined ? undefined : decoded(text);
    if (bytes) return bytes;
    if (text === undefined && !isDataUri(value) && isAddress(value.trim())) address = value.trim();
  }
  return address;
}

/** The base64 of a data URI, or of a value that is neither such nor an address. */
function base64In(key: "b64_json" | "url", value: string): string | undefined {
  const data = /^\s*data:[^,]*;\s*base64\s*,\s*(.*)$/is.exec(value)?.[1];
  if (data !== undefined) return data;
  return key === "b64_json" && !isDataUri(value) && !/^\s*https?:\//i.test(value) ? value : undefined;
}

function isDataUri(value: string): boolean {
  return /^data:/i.test(value.trimStart());
}

/** Both alphabets of base64, line breaks and tabs between, padding or none. */
function decoded(text: string): Buffer | undefined {
  const plain = text.replaceAll(/[\n\r\t]/g, "");
  const [, signs = "", padding = ""] = /^([A-Za-z0-9+/_-]+)(={0,2})$/.exec(plain) ?? [];
  if (signs === "" || signs.length % 4 === 1) return undefined;
  if (padding !== "" && plain.length % 4 !== 0) return undefined;
  return Buffer.from(signs, "base64");
}

/** Images may stand elsewhere than in the objects of `data`, as relays put them: that is for the tests of their shapes. */
function mayHoldMore({ data, ...others }: Item): boolean {
  const items = Array.isArray(data) ? data : [];
  const below = items.filter(isItem).map(({ b64_json: _, url: __, ...rest }) => rest);
  const strange = items.filter((item) => typeof item === "string" || Array.isArray(item));
  const text = JSON.stringify([others, below, strange, Array.isArray(data) ? null : { data }]);
  return /"[^"]*(?:b64|base64|url|image|result|data|output)[^"]*":/i.test(text) || strange.length > 0;
}

/** How often a key stands there that this reads. */
function telling(text: string): number {
  return text.match(/"(?:data|b64_json|url)"\s*:/g)?.length ?? 0;
}

function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Item | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isItem(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}
