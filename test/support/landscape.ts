import sharp from "sharp";

/** A landscape of hills under a sun as SVG, in colours that follow from its seed. */
export function landscape(width: number, height: number, seed: string): string {
  const hue = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  const hill = (base: number, tilt: number, light: number) =>
    `<path fill="hsl(${(hue + light) % 360} 45% ${light}%)" d="M0 ${base} C 30 ${base - tilt}, 60 ${base + tilt}, 100 ${base - tilt / 2} V 100 H 0 Z"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="xMidYMid slice">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="hsl(${hue} 70% 62%)"/>
    <stop offset="1" stop-color="hsl(${(hue + 50) % 360} 85% 86%)"/></linearGradient></defs>
    <rect width="100" height="100" fill="url(#sky)"/><circle cx="${30 + (hue % 40)}" cy="38" r="9" fill="hsl(${(hue + 60) % 360} 95% 94%)"/>
    ${hill(62, 14, 52)}${hill(74, -12, 38)}${hill(86, 9, 24)}</svg>`;
}

/** A small image of one colour. */
export async function pngOf(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const image = sharp({ create: { width, height, channels: 3, background: "#c9472e" } });
  return new Uint8Array(await image.png().toBuffer());
}
