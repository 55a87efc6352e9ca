import type { Pixels } from "../../../image.ts";
import { glyphOf, glyphRows } from "./font.ts";

export type Sharp = typeof import("sharp").default;

/** Four bytes a pixel: red, green, blue, opacity. */
export interface Layer extends Pixels {
  readonly data: Buffer;
}

export interface TextBox {
  readonly width: number;
  /** One dot of the letters in pixels; they are seven dots high. */
  readonly dot: number;
  readonly maxLines: number;
}

/** One byte a pixel: how much of it a letter covers. */
interface Cover extends Pixels {
  readonly data: Buffer;
}

const lineRows = glyphRows + 5;
const blank = 3; // around the text, in dots: room for the shadow

/**
 * White letters with a shadow, wrapped and cut to fit the box. Latin text is drawn with letters of our own, as a bare
 * container has no fonts at all; other scripts with the fonts that the machine has.
 */
export async function letter(sharp: Sharp, text: string, box: TextBox): Promise<Layer> {
  const latin = asLatin(text);
  const cover =
    latin === undefined
      ? await machineLetters(sharp, text, box).catch(() => ownLetters(sharp, "", box)) // nothing of it can be drawn
      : await ownLetters(sharp, latin, box);
  return withShadow(sharp, cover, box.dot);
}

/** The text in ASCII, accents and curls taken off; undefined when it has other letters. */
function asLatin(text: string): string | undefined {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2010-\u2015]/g, "-")
    .replace(/\s+/g, " ");
  return /^[ -~]*$/.test(plain) ? plain : undefined;
}

async function ownLetters(sharp: Sharp, text: string, { width, dot, maxLines }: TextBox): Promise<Cover> {
  const lines = wrap(text, Math.floor(width / dot) - 2 * blank, maxLines);
  const dots = dotsOf(lines);
  const size = { width: dots.width * dot, height: dots.height * dot };
  // Enlarged softly and then sharpened, square dots become round strokes.
  const data = await sharp(dots.data, { raw: { width: dots.width, height: dots.height, channels: 1 } })
    .resize({ ...size, kernel: "cubic" })
    .linear(4, -1.5 * 255)
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  return { ...size, data };
}

function dotsOf(lines: readonly string[]): Cover {
  const width = Math.max(...lines.map(lengthOf)) + 2 * blank;
  const height = lines.length * lineRows + 2 * blank;
  const data = Buffer.alloc(width * height);
  for (const [line, text] of lines.entries()) {
    let left = blank;
    for (const character of text) {
      const glyph = glyphOf(character);
      for (const [column, bits] of glyph.entries()) {
        for (let row = 0; row < glyphRows; row += 1) {
          if ((bits >> row) & 1) data[(blank + line * lineRows + row) * width + left + column] = 255;
        }
      }
      left += glyph.length + 1;
    }
  }
  return { width, height, data };
}

function wrap(text: string, width: number, maxLines: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ").flatMap((word) => pieces(word, width))) {
    const line = lines.at(-1) === "" ? word : `${lines.at(-1)} ${word}`;
    if (lengthOf(line) <= width) lines[lines.length - 1] = line;
    else if (lines.length < maxLines) lines.push(word);
    else return [...lines.slice(0, -1), ended(lines.at(-1) ?? "", width)];
  }
  return lines;
}

/** The word, in parts when it is longer than a line. */
function pieces(word: string, width: number): string[] {
  const parts = [""];
  for (const character of word) {
    const part = parts.at(-1) + character;
    if (lengthOf(part) <= width) parts[parts.length - 1] = part;
    else parts.push(character);
  }
  return parts;
}

function ended(line: string, width: number): string {
  let kept = line;
  while (kept !== "" && lengthOf(`${kept}...`) > width) kept = kept.slice(0, -1);
  return `${kept}...`;
}

function lengthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + glyphOf(character).length + 1, 0);
}

async function machineLetters(sharp: Sharp, text: string, { width, dot, maxLines }: TextBox): Promise<Cover> {
  const shown = [...text].slice(0, Math.floor(width / dot / 8) * maxLines).join("");
  const escaped = shown.replace(/\p{C}/gu, " ").replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const margin = blank * dot;
  const inner = { width: width - 2 * margin, height: maxLines * lineRows * dot };
  const { data, info } = await sharp({
    text: { text: escaped, font: "sans", width: inner.width, dpi: dot * 54, wrap: "word-char" },
  })
    .resize({ ...inner, fit: "inside", withoutEnlargement: true })
    .extend({ top: margin, bottom: margin, left: margin, right: margin, background: "black" })
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function withShadow(sharp: Sharp, { width, height, data }: Cover, dot: number): Promise<Layer> {
  const shadow = await sharp(data, { raw: { width, height, channels: 1 } })
    .blur(dot)
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  const layer = Buffer.alloc(width * height * 4);
  for (let pixel = 0; pixel < data.length; pixel += 1) {
    const letters = data[pixel] as number;
    const opacity = Math.max(letters, (shadow[pixel] as number) * 0.7);
    if (opacity === 0) continue;
    const grey = (letters / opacity) * 255;
    layer[pixel * 4] = grey;
    layer[pixel * 4 + 1] = grey;
    layer[pixel * 4 + 2] = grey;
    layer[pixel * 4 + 3] = opacity;
  }
  return { width, height, data: layer };
}
