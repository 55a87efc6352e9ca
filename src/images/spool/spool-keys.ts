/** More images than any service makes by one call. */
export const maxResults = 32;

const attemptPattern = /^[A-Za-z0-9_-]{1,64}$/;
const storedPattern = /^(?:inputs\/[0-9a-f]{64}|results\/[A-Za-z0-9_-]{1,64}-\d{1,2})$/;
const markerPattern = /^results\/[A-Za-z0-9_-]{1,64}-complete$/;
const fittedPattern = /^fitted\/(inputs|results)_([A-Za-z0-9_-]{1,68})\.[0-9a-z-]{1,80}$/;

/** The key under which the image at `index` of an attempt is kept. Throws on anything that this program did not make up itself. */
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

/** The key under which a version of an image is kept; `version` is made of its hash and what it was made to fit. */
export function fittedKey(file: string, version: string): string {
  const key = `fitted/${checkedKey(file).replace("/", "_")}.${version}`;
  if (!fittedPattern.test(key)) throw new Error(`Not a name: ${JSON.stringify(version)}`);
  return key;
}

/** The key itself, when it is one of an image; throws on anything else, such as a path that leaves the spool. */
export function checkedKey(key: string): string {
  if (!storedPattern.test(key)) throw new Error(`Not a key of the spool: ${JSON.stringify(key)}`);
  return key;
}

/** The key itself, when it is one of a member's image. */
export function checkedInput(key: string): string {
  if (!isInput(key)) throw new Error(`Not an input: ${JSON.stringify(key)}`);
  return checkedKey(key);
}

export function isInput(key: string): boolean {
  return key.startsWith("inputs/");
}

export function isMarker(key: string): boolean {
  return markerPattern.test(key);
}

/** The key that decides how long this file is needed: its own, or that of the image it was made from. */
export function ownerOf(key: string): string | undefined {
  if (storedPattern.test(key) || isMarker(key)) return key;
  const [, room, name] = fittedPattern.exec(key) ?? [];
  return room && name ? `${room}/${name}` : undefined;
}

/** Which image of the attempt a key stands for; undefined when it is none of it. */
export function indexOf(attempt: string, key: string): number | undefined {
  const start = `results/${checkedAttempt(attempt)}-`;
  const rest = key.slice(start.length);
  return key.startsWith(start) && /^\d{1,2}$/.test(rest) && Number(rest) < maxResults ? Number(rest) : undefined;
}

function checkedAttempt(attempt: string): string {
  if (!attemptPattern.test(attempt)) throw new Error(`Not an attempt: ${JSON.stringify(attempt)}`);
  return attempt;
}
