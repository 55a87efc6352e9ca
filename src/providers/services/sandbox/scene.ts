import { setImmediate as nextTurn } from "node:timers/promises";
import type { Pixels } from "../../../image.ts";
import { type Chance, rangeFrom } from "./chance.ts";

/** Red, green and blue from 0 to 255. */
type Colour = readonly [number, number, number];

interface Palette {
  readonly zenith: Colour;
  readonly horizon: Colour;
  readonly sun: Colour;
  readonly near: Colour;
}

interface Ridge {
  /** The row of its crest at each column. */
  readonly crest: Float32Array;
  readonly top: Colour;
  readonly foot: Colour;
}

interface Scene extends Pixels {
  readonly palette: Palette;
  /** The row where the land ends and the lake begins; the height when there is none. */
  readonly shore: number;
  readonly sun: { readonly x: number; readonly y: number; readonly radius: number };
  /** Far to near. */
  readonly ridges: readonly Ridge[];
}

const palettes: readonly Palette[] = [
  palette("1b1f4b", "ff9e7d", "ffe8c2", "120f2b"),
  palette("0f3d4c", "ffd59a", "fff3d6", "062027"),
  palette("4a2545", "ffb7a5", "fff0e0", "1e0f24"),
  palette("070b24", "4d6cc4", "eef3ff", "050818"),
  palette("08222e", "8fe0b0", "f5ffe9", "041418"),
  palette("2b0f1f", "ff7a3c", "ffe3a8", "1a0710"),
  palette("2f6fb1", "dcecf2", "ffffff", "0d2c3c"),
  palette("3d4f7c", "f6cfae", "fff6e3", "2e2230"),
];

const rowsAtOnce = 32; // a few milliseconds of work: others get their turn in between

/** Mountains before a low sun, three bytes a pixel; another evening for each course of chance. */
export async function drawScene(chance: Chance, size: Pixels): Promise<Uint8Array> {
  const scene = sceneFrom(chance, size);
  const pixels = new Uint8Array(size.width * size.height * 3);
  for (let row = 0; row < size.height; row += 1) {
    if (row >= scene.shore) drawWater(scene, pixels, row);
    else {
      drawSky(scene, pixels, row);
      for (const ridge of scene.ridges) drawRidge(scene, ridge, pixels, row);
    }
    if (row % rowsAtOnce === rowsAtOnce - 1) await nextTurn();
  }
  return pixels;
}

function sceneFrom(chance: Chance, { width, height }: Pixels): Scene {
  const palette = palettes[Math.floor(chance() * palettes.length)] as Palette;
  const shore = chance() < 0.6 ? Math.round(height * (0.66 + 0.08 * chance())) : height;
  const sun = {
    x: width * (0.2 + 0.6 * chance()),
    y: shore * (0.28 + 0.22 * chance()),
    radius: Math.min(width, height) * (0.05 + 0.06 * chance()),
  };
  const count = 4 + Math.floor(chance() * 3);
  const ridges = Array.from({ length: count }, (_, layer) =>
    ridgeFrom(chance, { width, height: shore }, palette, (layer + 1) / count),
  );
  return { width, height, palette, shore, sun, ridges };
}

function ridgeFrom(chance: Chance, { width, height }: Pixels, palette: Palette, nearness: number): Ridge {
  const range = rangeFrom(chance);
  const peaks = 2 + 2 * chance();
  const foot = height * (0.66 + 0.38 * nearness);
  const rise = height * (0.5 - 0.22 * nearness);
  const crest = Float32Array.from({ length: width }, (_, x) => foot - rise * range((x / width) * peaks));
  const top = mix(mix(palette.horizon, palette.zenith, 0.3), palette.near, nearness ** 0.8);
  return { crest, top, foot: mix(top, palette.horizon, 0.45 * (1 - nearness)) };
}

function drawSky({ width, shore, palette, sun }: Scene, pixels: Uint8Array, row: number): void {
  const air = mix(palette.zenith, palette.horizon, Math.min(1, row / (shore * 0.65)) ** 1.3);
  for (let x = 0; x < width; x += 1) {
    const distance = Math.hypot(x - sun.x, row - sun.y) - sun.radius;
    const light = distance < 0 ? 1 : Math.max(1 - distance, 0.6 * Math.exp(-distance / (sun.radius * 3)));
    blend(pixels, (row * width + x) * 3, air, palette.sun, light);
  }
}

function drawRidge({ width, shore }: Scene, { crest, top, foot }: Ridge, pixels: Uint8Array, row: number): void {
  const rock = mix(top, foot, row / shore);
  for (let x = 0; x < width; x += 1) {
    const covered = row + 1 - (crest[x] as number);
    const at = (row * width + x) * 3;
    if (covered >= 1) put(pixels, at, rock);
    else if (covered > 0)
      blend(pixels, at, [pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number], rock, covered);
  }
}

/** The land upside down, darker with depth, in small waves. */
function drawWater({ width, height, shore, palette }: Scene, pixels: Uint8Array, row: number): void {
  const depth = (row - shore) / (height - shore);
  const swing = 1 + depth * 0.012 * width;
  const mirrored = Math.max(0, shore - 1 - Math.round((row - shore) * 1.6));
  for (let x = 0; x < width; x += 1) {
    const wave = Math.sin(row * 0.9 + Math.sin(x / (40 + 160 * depth)) * 2) * swing;
    const from = (mirrored * width + Math.min(width - 1, Math.max(0, Math.round(x + wave)))) * 3;
    const seen: Colour = [pixels[from] as number, pixels[from + 1] as number, pixels[from + 2] as number];
    blend(pixels, (row * width + x) * 3, seen, palette.near, 0.18 + 0.5 * depth);
  }
}

function blend(pixels: Uint8Array, at: number, from: Colour, to: Colour, part: number): void {
  pixels[at] = from[0] + (to[0] - from[0]) * part;
  pixels[at + 1] = from[1] + (to[1] - from[1]) * part;
  pixels[at + 2] = from[2] + (to[2] - from[2]) * part;
}

function put(pixels: Uint8Array, at: number, [red, green, blue]: Colour): void {
  pixels[at] = red;
  pixels[at + 1] = green;
  pixels[at + 2] = blue;
}

function mix(from: Colour, to: Colour, part: number): Colour {
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part];
}

function palette(zenith: string, horizon: string, sun: string, near: string): Palette {
  return { zenith: colour(zenith), horizon: colour(horizon), sun: colour(sun), near: colour(near) };
}

function colour(hex: string): Colour {
  const [red = 0, green = 0, blue = 0] = Buffer.from(hex, "hex");
  return [red, green, blue];
}
