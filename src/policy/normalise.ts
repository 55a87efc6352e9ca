/** More marks than any script puts on one letter; what Unicode calls stream-safe text has no longer runs (UAX #15). */
const mostMarks = 30;
const surplusMarks = new RegExp(`(\\p{M}{${mostMarks}})\\p{M}+`, "gu");

/**
 * The text in a Unicode normal form, in time linear in its length: putting a run of marks in order takes the square of
 * the run, so the marks behind the first 30 on one letter are left out.
 */
export function normalise(text: string, form: "NFC" | "NFKD"): string {
  return text.replace(surplusMarks, "$1").normalize(form);
}
