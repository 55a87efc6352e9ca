import type { Raw } from "sharp";
import { maxPixelsIn, shrinkFor } from "../pixel-limits.ts";
import { type Libheif, loadLibheif } from "./libheif.ts";
import { sharpFor } from "./load-sharp.ts";
import { withProfile } from "./png-profile.ts";

/** libheif's own numbers (heif_image.h). */
const rgb = 1;
const interleaved = 10;
const interleavedRgb = 10;
const interleavedRgba = 11;
/** Display P3 among the colour primaries of ITU-T H.273, table 2; their place in libheif's struct, in words. */
const displayP3 = 12;
const primariesAt = 1;

interface DecodedHeic {
  /** Upright, shrunk where it is large, with the colour profile of the file. */
  readonly png: Buffer;
  /** The file is a series of images. */
  readonly isSeries: boolean;
}

/** Decodes the main image of a HEIC file. Undefined when it has too many pixels; throws when it cannot be decoded. */
export async function decodeHeic(bytes: Buffer): Promise<DecodedHeic | undefined> {
  const scope = createScope(loadLibheif());
  try {
    const handle = openMain(scope, bytes);
    const width = scope.libheif._heif_image_handle_get_width(handle);
    const height = scope.libheif._heif_image_handle_get_height(handle);
    if (width * height > maxPixelsIn.heic) return undefined;
    const profile = await iccProfile(scope, handle);
    const png = await shrink(pixelsOf(scope, handle));
    const isSeries = ["hevc", "hevx", "msf1"].includes(bytes.toString("latin1", 8, 12));
    return { png: profile ? withProfile(png, profile) : png, isSeries };
  } finally {
    scope.close();
  }
}

/** Memory of libheif, given back at the end. */
interface Scope {
  readonly libheif: Libheif;
  allocate(bytes: number): number;
  /** Calls with a place for the error; throws it. */
  call(work: (error: number) => void): void;
  /** Calls with a place for a pointer as well, and returns that pointer; `free` is called at the end. */
  pointer(work: (error: number, to: number) => void, free: (pointer: number) => void): number;
  atEnd(free: () => void): void;
  close(): void;
}

function createScope(libheif: Libheif): Scope {
  const ends: (() => void)[] = [];
  const scope: Scope = {
    libheif,
    allocate(bytes) {
      const pointer = libheif._malloc(bytes);
      if (pointer === 0) throw new Error("libheif has no memory left");
      ends.push(() => libheif._free(pointer));
      return pointer;
    },
    call(work) {
      const error = scope.allocate(16);
      work(error);
      const [code = 0, detail = 0] = libheif.HEAPU32.subarray(error / 4, error / 4 + 2);
      if (code !== 0) throw new Error(`libheif: error ${code}.${detail}`);
    },
    pointer(work, free) {
      const to = scope.allocate(4);
      scope.call((error) => work(error, to));
      const pointer = libheif.HEAPU32[to / 4] ?? 0;
      ends.push(() => free(pointer));
      return pointer;
    },
    atEnd: (free) => void ends.push(free),
    close() {
      for (const end of ends.toReversed()) end();
    },
  };
  return scope;
}

function openMain(scope: Scope, bytes: Buffer): number {
  const { libheif } = scope;
  const context = libheif._heif_context_alloc();
  scope.atEnd(() => libheif._heif_context_free(context));
  const data = scope.allocate(bytes.length);
  libheif.HEAPU8.set(bytes, data);
  scope.call((error) => libheif._heif_context_read_from_memory(error, context, data, bytes.length, 0));
  return scope.pointer(
    (error, to) => libheif._heif_context_get_primary_image_handle(error, context, to),
    libheif._heif_image_handle_release,
  );
}

interface Decoded {
  readonly data: Uint8Array;
  readonly raw: Raw;
}

/** Turned, mirrored and cropped as the file says; tiles of a grid are put together. */
function pixelsOf(scope: Scope, handle: number): Decoded {
  const { libheif } = scope;
  const channels = libheif._heif_image_handle_has_alpha_channel(handle) ? 4 : 3;
  const chroma = channels === 4 ? interleavedRgba : interleavedRgb;
  const image = scope.pointer(
    (error, to) => libheif._heif_decode_image(error, handle, to, rgb, chroma, 0),
    libheif._heif_image_release,
  );
  const width = libheif._heif_image_get_width(image, interleaved);
  const height = libheif._heif_image_get_height(image, interleaved);
  const rowBytesAt = scope.allocate(4);
  const plane = libheif._heif_image_get_plane_readonly(image, interleaved, rowBytesAt);
  const rowBytes = libheif.HEAPU32[rowBytesAt / 4] ?? 0;
  if (plane === 0 || rowBytes < width * channels) throw new Error("libheif: no pixels");
  const rows = Buffer.allocUnsafe(width * height * channels);
  for (let row = 0; row < height; row += 1) {
    const from = plane + row * rowBytes;
    rows.set(libheif.HEAPU8.subarray(from, from + width * channels), row * width * channels);
  }
  return { data: rows, raw: { width, height, channels } };
}

function shrink({ data, raw }: Decoded): Promise<Buffer> {
  const sharp = sharpFor("png");
  const factor = shrinkFor(raw.width, raw.height);
  const image = sharp(data, { raw, limitInputPixels: maxPixelsIn.heic });
  const shrunk = factor === 1 ? image : image.resize({ width: Math.ceil(raw.width / factor) });
  return shrunk.png({ compressionLevel: 0 }).toBuffer();
}

/** Telephones note their wide colours as a profile, or by number. */
async function iccProfile(scope: Scope, handle: number): Promise<Buffer | undefined> {
  const { libheif } = scope;
  const bytes = libheif._heif_image_handle_get_raw_color_profile_size(handle);
  if (bytes > 0) {
    const to = scope.allocate(bytes);
    scope.call((error) => libheif._heif_image_handle_get_raw_color_profile(error, handle, to));
    return Buffer.from(libheif.HEAPU8.subarray(to, to + bytes));
  }
  return primariesOf(scope, handle) === displayP3 ? displayP3Profile() : undefined;
}

function primariesOf(scope: Scope, handle: number): number | undefined {
  const { libheif } = scope;
  try {
    const profile = scope.pointer(
      (error, to) => libheif._heif_image_handle_get_nclx_color_profile(error, handle, to),
      libheif._heif_nclx_color_profile_free,
    );
    return libheif.HEAPU32[profile / 4 + primariesAt];
  } catch {
    return undefined; // it tells no colours
  }
}

async function displayP3Profile(): Promise<Buffer | undefined> {
  const sharp = sharpFor("png");
  const pixel = await sharp({ create: { width: 1, height: 1, channels: 3, background: "black" } })
    .withIccProfile("p3")
    .png()
    .toBuffer();
  return (await sharp(pixel).metadata()).icc;
}
