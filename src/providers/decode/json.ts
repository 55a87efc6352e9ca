// many tiny values need more memory than their text

/** A JSON value as JSON.parse makes it, except that objects have no prototype. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Does a document with a status of success report an error instead? */
export function reportsError(body: Json): boolean {
  if (!isObject(body)) return false;
  return Boolean(body.error) || body.success === false || (typeof body.code === "number" && body.code >= 400);
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
