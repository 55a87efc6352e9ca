/** The fault of a text that cannot be an API key: it holds spaces, or other signs than a key has, or stands in quotation marks. */
export type KeyProblem = "spaces" | "signs" | "quotes";

/** Tells why a text cannot be an API key; undefined for one that may be. */
export function apiKeyProblem(key: string): KeyProblem | undefined {
  if (/\s/.test(key)) return "spaces";
  if (!/^[\x21-\x7e]*$/.test(key)) return "signs";
  return /^["'`]|["'`]$/.test(key) ? "quotes" : undefined;
}
