// many tiny values need more memory than their text

/** A JSON value as JSON.parse makes it, except that objects have no prototype. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const failedWords = /^(error|fail|failure|failed|rejected|cancell?ed)$/i;
const goodCodes = /^(0|200|ok|success|succeeded)?$/i;

/** Does a document with a status of success report an error instead? */
export function reportsError(body: Json): boolean {
  return errorLayer(body) !== undefined;
}

/**
 * The object of a document that tells of an error, be it the document itself, its `data`, or an element of that; the
 * whole document where it tells of one without a place for it. Undefined when none does.
 */
export function errorLayer(body: Json | undefined): Json | undefined {
  if (!isObject(body)) return undefined;
  const inner = [body.data].flat().find((layer) => isObject(layer) && hasError(layer));
  if (hasError(body)) return body;
  return inner;
}

function hasError(layer: { [key: string]: Json }): boolean {
  if (layer.error || layer.success === false) return true;
  const { code, status } = layer;
  if (typeof status === "string" && failedWords.test(status)) return true;
  if (typeof code === "number") return code >= 400 || code < 0;
  return typeof code === "string" && !goodCodes.test(code) && Boolean(layer.message ?? layer.msg);
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
