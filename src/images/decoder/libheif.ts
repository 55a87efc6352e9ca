import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The part of libheif's C interface that is used here: pointers are numbers, errors go to where the first argument says. */
export interface Libheif {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _heif_context_alloc(): number;
  _heif_context_free(context: number): void;
  _heif_context_read_from_memory(error: number, context: number, data: number, bytes: number, options: number): void;
  _heif_context_get_primary_image_handle(error: number, context: number, handle: number): void;
  _heif_image_handle_get_width(handle: number): number;
  _heif_image_handle_get_height(handle: number): number;
  _heif_image_handle_has_alpha_channel(handle: number): number;
  _heif_image_handle_release(handle: number): void;
  _heif_image_handle_get_raw_color_profile_size(handle: number): number;
  _heif_image_handle_get_raw_color_profile(error: number, handle: number, to: number): void;
  _heif_image_handle_get_nclx_color_profile(error: number, handle: number, profile: number): void;
  _heif_nclx_color_profile_free(profile: number): void;
  _heif_decode_image(
    error: number,
    handle: number,
    image: number,
    colourSpace: number,
    chroma: number,
    options: number,
  ): void;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_plane_readonly(image: number, channel: number, rowBytes: number): number;
  _heif_image_release(image: number): void;
}

const require = createRequire(import.meta.url);
/** Read while this process starts: later, it can open no file any more. */
const wasmBinary = readFileSync(require.resolve("libheif-js/libheif-wasm/libheif.wasm"));
const create = require("libheif-js/libheif-wasm/libheif.js") as (options: object) => Libheif;
let libheif: Libheif | undefined;

/** libheif, compiled at the first call. */
export function loadLibheif(): Libheif {
  libheif ??= create({ wasmBinary, print: () => undefined, printErr: () => undefined });
  return libheif;
}
