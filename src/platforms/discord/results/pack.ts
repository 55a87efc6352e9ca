import type { Fitted, ShownImage } from "../../../image.ts";
import { fileFormats } from "../../../image.ts";
import type { PlatformContext } from "../../platform.ts";
import type { UploadLimits } from "./limits.ts";

/** An image of a job; `index` counts from 0. */
export interface NumberedImage {
  readonly index: number;
  readonly image: ShownImage;
}

/** The same as a file that Discord takes. */
export interface FittedImage extends NumberedImage {
  readonly file: Fitted;
}

type Fitter = Pick<PlatformContext, "fit">;

export function numbered(images: readonly ShownImage[]): NumberedImage[] {
  return images.map((image, index) => ({ index, image }));
}

/** Images of a job, each as a file of at most `limit` bytes. */
function fitAll(images: readonly NumberedImage[], limit: number, context: Fitter): Promise<FittedImage[]> {
  return Promise.all(
    images.map(async ({ index, image }) => ({
      ...{ index, image },
      file: await context.fit(image, { bytes: Math.floor(limit), formats: fileFormats }),
    })),
  );
}

/** All of them in one message. */
export function fitTogether(images: readonly NumberedImage[], { file, request }: UploadLimits, context: Fitter) {
  return fitAll(images, Math.min(file, request / images.length), context);
}

/** The first of them that go into one message of at most `most` images. */
export async function firstPack(
  images: readonly NumberedImage[],
  most: number,
  limits: UploadLimits,
  context: Fitter,
): Promise<FittedImage[]> {
  const packed: FittedImage[] = [];
  for (const image of images.slice(0, most)) {
    const [fitted] = await fitAll([image], limits.file, context);
    if (!fitted || (packed.length > 0 && bytesOf([...packed, fitted]) > limits.request)) break;
    packed.push(fitted);
  }
  return packed;
}

export function bytesOf(images: readonly FittedImage[]): number {
  return images.reduce((sum, { file }) => sum + file.bytes, 0);
}
