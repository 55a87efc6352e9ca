import type { Sharp } from "sharp";
import type { ImageFormat, Pixels } from "../image.ts";
import { decoding, untrusted } from "./load-sharp.ts";

/**
 * Writes a member's image anew, pixels only: upright, in sRGB, without EXIF, GPS, comments or bytes behind its end.
 * It keeps its format, and its transparency. Throws when a pixel cannot be decoded, or after `seconds`.
 */
export function sanitise(from: string, to: string, format: ImageFormat, seconds: number): Promise<Pixels> {
  return decoding(async (sharp) => {
    const upright = sharp(from, untrusted).autoOrient().timeout({ seconds });
    const { width, height } = await encode(upright, format).toFile(to);
    return { width, height };
  });
}

function encode(image: Sharp, format: ImageFormat): Sharp {
  switch (format) {
    case "png":
      return image.png();
    case "jpeg":
      return image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" });
    case "webp":
      return image.webp({ quality: 92, effort: 2 });
  }
}
