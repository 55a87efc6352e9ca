import { createHash } from "node:crypto";
import type { OutputInfo, OverlayOptions, Sharp as Pipeline } from "sharp";
import type { ImageFormat, Pixels } from "../../../image.ts";
import { chanceFrom } from "./chance.ts";
import { letter, type Sharp } from "./lettering.ts";
import { drawScene } from "./scene.ts";

export interface Drawing {
  readonly prompt: string;
  /** Another seed, another landscape. */
  readonly seed: string;
  readonly size: Pixels;
  readonly format: ImageFormat;
  /** Quality of JPEG and WebP, 0 to 100. */
  readonly compression?: number | undefined;
  /** Paths of the images to start from. */
  readonly references: readonly string[];
  /** Path; transparent where the first reference is to be redrawn. */
  readonly mask?: string | undefined;
}

const sharpestSide = 1536; // a larger landscape is enlarged from this: softer, but quick

/** A landscape with the prompt written on it, encoded. References lie on it as prints; with a mask it only fills the gap. */
export async function draw(drawing: Drawing): Promise<Buffer> {
  const { default: sharp } = await import("sharp");
  const { references, mask, size } = drawing;
  const [first] = references;
  if (mask === undefined || first === undefined) {
    return encoded(await picture(sharp, drawing, await printsOf(sharp, references, size)), drawing);
  }
  return encoded(await filled(sharp, await picture(sharp, drawing, []), first, mask, size), drawing);
}

async function picture(sharp: Sharp, { prompt, seed, size }: Drawing, prints: OverlayOptions[]): Promise<Pipeline> {
  const scale = Math.min(1, sharpestSide / Math.max(size.width, size.height));
  const small = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
  const chance = chanceFrom(createHash("sha256").update(seed).digest().readInt32LE());
  const scene = await drawScene(chance, small);
  const overlays = [...prints, ...(await lettersOf(sharp, prompt, size))];
  return sharp(scene, { raw: { ...small, channels: 3 } })
    .resize({ ...size, fit: "fill" })
    .composite(overlays);
}

async function lettersOf(sharp: Sharp, prompt: string, size: Pixels): Promise<OverlayOptions[]> {
  const unit = Math.min(size.width, size.height) / 340;
  const margin = Math.round(unit * 14);
  const box = { width: size.width - 2 * margin, maxLines: 4 };
  const label = await letter(sharp, "SANDBOX", { ...box, dot: Math.max(1, Math.round(unit)) });
  const text = await letter(sharp, prompt, {
    ...box,
    dot: Math.max(1, Math.round(unit * (prompt.length > 90 ? 0.8 : 1.2))),
  });
  return [
    { input: label.data, raw: { ...pixelsOf(label), channels: 4 }, left: margin, top: margin },
    {
      input: text.data,
      raw: { ...pixelsOf(text), channels: 4 },
      left: margin,
      top: Math.max(0, size.height - margin - text.height),
    },
  ];
}

/** The references in white frames, side by side in the middle. */
function printsOf(sharp: Sharp, references: readonly string[], size: Pixels): Promise<OverlayOptions[]> {
  const count = references.length;
  const columns = Math.min(count, Math.ceil(Math.sqrt((count * size.width) / size.height)));
  const rows = Math.ceil(count / columns);
  const cell = { width: (size.width * 0.8) / columns, height: (size.height * 0.6) / rows };
  return Promise.all(
    references.map(async (path, index) => {
      const row = Math.floor(index / columns);
      const inRow = Math.min(columns, count - row * columns);
      const x = size.width / 2 + ((index % columns) - (inRow - 1) / 2) * cell.width;
      const y = size.height * 0.14 + (row + 0.5) * cell.height;
      const { data, info } = await printOf(sharp, path, cell);
      const raw = { width: info.width, height: info.height, channels: info.channels };
      return { input: data, raw, left: Math.round(x - info.width / 2), top: Math.round(y - info.height / 2) };
    }),
  );
}

function printOf(sharp: Sharp, path: string, cell: Pixels): Promise<{ data: Buffer; info: OutputInfo }> {
  const frame = Math.max(2, Math.round(Math.min(cell.width, cell.height) * 0.03));
  const inside = (side: number) => Math.round(side * 0.9) - 2 * frame;
  return sharp(path)
    .resize({ width: inside(cell.width), height: inside(cell.height), fit: "inside" })
    .flatten({ background: "white" })
    .extend({ top: frame, bottom: frame, left: frame, right: frame, background: "white" })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
}

/** The reference, with the picture wherever the mask is transparent. */
async function filled(sharp: Sharp, drawn: Pipeline, reference: string, mask: string, size: Pixels): Promise<Pipeline> {
  const gap = await sharp(mask)
    .ensureAlpha()
    .extractChannel("alpha")
    .negate()
    .resize({ ...size, fit: "fill" })
    .raw()
    .toBuffer();
  const patch = await sharp(await plainPixels(drawn), { raw: { ...size, channels: 3 } })
    .joinChannel(gap, { raw: { ...size, channels: 1 } })
    .raw()
    .toBuffer();
  const base = await plainPixels(sharp(reference).resize({ ...size, fit: "fill" }));
  return sharp(base, { raw: { ...size, channels: 3 } }).composite([{ input: patch, raw: { ...size, channels: 4 } }]);
}

/** Three bytes a pixel, whatever it was. */
function plainPixels(pipeline: Pipeline): Promise<Buffer> {
  return pipeline.flatten({ background: "white" }).removeAlpha().toColourspace("srgb").raw().toBuffer();
}

function encoded(pipeline: Pipeline, { format, compression = 90 }: Drawing): Promise<Buffer> {
  const opaque = pipeline.removeAlpha();
  if (format === "png") return opaque.png({ compressionLevel: 4 }).toBuffer();
  if (format === "jpeg") return opaque.jpeg({ quality: Math.max(1, compression) }).toBuffer();
  return opaque.webp({ quality: Math.max(1, compression), effort: 2 }).toBuffer();
}

function pixelsOf({ width, height }: Pixels): Pixels {
  return { width, height };
}
