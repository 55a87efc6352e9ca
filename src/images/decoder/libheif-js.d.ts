/** The part of libheif-js that is used here; the package has no types of its own for it. */
declare module "libheif-js/wasm-bundle.js" {
  export interface Shown {
    readonly width: number;
    readonly height: number;
    /** RGBA. */
    readonly data: Uint8ClampedArray;
  }

  export interface HeifImage {
    get_width(): number;
    get_height(): number;
    /** Calls `done` with undefined when the image cannot be decoded. */
    display(into: Shown, done: (shown: Shown | undefined) => void): void;
    free(): void;
  }

  const libheif: { readonly HeifDecoder: new () => { decode(file: Uint8Array): HeifImage[] } };
  export default libheif;
}
