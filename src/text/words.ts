/** Clips a text to `limit` characters (as a reader counts them), with an ellipsis in place of the rest. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept: string[] = [];
  let length = 1; // the ellipsis
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    length += segment.length; // platforms count UTF-16 units
    if (length > limit) break;
    kept.push(segment);
  }
  return `${kept.join("")}…`;
}

/** Shortens a text to at most `limit` characters: its beginning and its end. */
export function clipInside(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor(limit / 2);
  const end = text.slice(text.length - half).replace(/^[\uDC00-\uDFFF\p{M}\u200d]{1,9}/u, "");
  return `${clip(text, half)}${end}`;
}

let grouped: Intl.NumberFormat | undefined;

/** 12345 as 12,345. */
export function number(value: number): string {
  grouped ??= new Intl.NumberFormat("en-US"); // making one takes a hundred times as long as using it
  return grouped.format(value);
}

/** `2026-11-20 14:00 UTC`. */
export function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
