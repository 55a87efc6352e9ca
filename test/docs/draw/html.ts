/** Markup, made by `html` alone. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Html | string | number | undefined | false | readonly Piece[];

/** Markup with pieces in it: whatever is not markup itself is escaped, and `undefined` and `false` are nothing. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(parts.map((part, index) => part + textOf(pieces[index])).join(""));
}

/** The text with what `pattern` finds in it put into markup, and the rest `plain`. */
export function marked(
  text: string,
  pattern: RegExp,
  mark: (found: RegExpMatchArray) => Piece,
  plain: (rest: string) => Piece = (rest) => rest,
): Html {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    pieces.push(plain(text.slice(from, found.index)), mark(found));
    from = found.index + found[0].length;
  }
  return html`${[...pieces, plain(text.slice(from))]}`;
}

/** An image in the page itself. */
export function dataUrl(bytes: Buffer | undefined): string {
  if (!bytes) throw new Error("a message shows an image that was never uploaded");
  return `data:image/png;base64,${bytes.toString("base64")}`;
}

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return "";
  if (piece instanceof Html) return piece.text;
  if (typeof piece === "string" || typeof piece === "number") return escaped(String(piece));
  return piece.map(textOf).join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
