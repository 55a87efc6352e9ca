/** More images than any service makes by one call. */
export const maxResults = 32;

const attemptPattern = /^[A-Za-z0-9_-]{1,64}$/;
const storedPattern = /^(?:inputs\/[0-9a-f]{64}|results\/[A-Za-z0-9_-]{1,64}-\d{1,2})$/;

/** Where the image at `index` of an attempt is kept. Throws on anything that this program did not make up itself. */
export function resultKey(attempt: string, index: number): string {
  if (!Number.isInteger(index) || index < 0 || index >= maxResults) throw new Error(`Not an index: ${index}`);
  return `results/${checkedAttempt(attempt)}-${index}`;
}

/** The file that says that the whole answer of an attempt was read. */
export function markerKey(attempt: string): string {
  return `results/${checkedAttempt(attempt)}-complete`;
}

export function inputKey(sha256: string): string {
  return checkedKey(`inputs/${sha256}`);
}

/** The key itself, when it is one of an image; throws on anything else, such as a path that leaves the spool. */
export function checkedKey(key: string): string {
  if (!storedPattern.test(key)) throw new Error(`Not a key of the spool: ${JSON.stringify(key)}`);
  return key;
}

function checkedAttempt(attempt: string): string {
  if (!attemptPattern.test(attempt)) throw new Error(`Not an attempt: ${JSON.stringify(attempt)}`);
  return attempt;
}
