const maxShrinks = 10;

/** The versions of one image that can be made in one format. */
export interface Versions {
  /** Best first; the last one is the worst that is worth more than fewer pixels. */
  readonly qualities: readonly number[];
  /** For versions with fewer pixels. */
  readonly shrunkQuality: number;
  /** The whole image, both its sides multiplied by `factor`. */
  encode(quality: number, factor: number): Promise<Buffer>;
  /** About how many bytes the whole image would have, at a fraction of the cost. */
  estimate(quality: number): Promise<number>;
}

/** The best quality that has at most `bytes`; with fewer pixels when none has. Throws when that does not help either. */
export async function bestThatFits(versions: Versions, bytes: number): Promise<Buffer> {
  const { qualities } = versions;
  for (const quality of qualities.slice(await firstLikely(versions, bytes))) {
    const version = await versions.encode(quality, 1);
    if (version.length <= bytes) return version;
  }
  return withFewerPixels(versions, bytes);
}

/** Where in `qualities` to begin: half of what is left is ruled out at each look. */
async function firstLikely({ qualities, estimate }: Versions, bytes: number): Promise<number> {
  let low = 0;
  let high = qualities.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await estimate(qualities[middle] ?? 0)) <= bytes) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Bytes go with the area, nearly; each step goes a little farther than that, so that the next try fits. */
async function withFewerPixels({ encode, estimate, shrunkQuality }: Versions, bytes: number): Promise<Buffer> {
  let factor = 1;
  let length = await estimate(shrunkQuality);
  for (let shrinks = 0; shrinks < maxShrinks; shrinks += 1) {
    factor *= Math.min(0.9, 0.95 * Math.sqrt(bytes / length));
    const version = await encode(shrunkQuality, factor);
    if (version.length <= bytes) return version;
    ({ length } = version);
  }
  throw new Error(`No version of the image has ${bytes} bytes or fewer`);
}
