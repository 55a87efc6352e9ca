import type { NewSavedImage, ReferenceUseCases, SavedImage } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import type { StoredImage } from "../../src/image.ts";

export interface FakeReferences extends ReferenceUseCases {
  /** Everything that was to be saved. */
  readonly saves: NewSavedImage[];
  /** The images that everybody may name. */
  readonly known: Map<string, SavedImage>;
}

/** A file that is nowhere. */
export const fakeImage: StoredImage = {
  ...{ file: `inputs/${"0".repeat(64)}`, sha256: "0".repeat(64) },
  ...{ format: "png", width: 64, height: 64, bytes: 5 },
};

/** Saved images in memory, the same for everybody. */
export function fakeReferences(): FakeReferences {
  const known = new Map<string, SavedImage>();
  const saves: NewSavedImage[] = [];
  const find = (typed: string) => {
    const name = typed.replace(/^@/, "");
    const image = known.get(name.toLowerCase());
    if (!image) throw new Refusal("reference-unknown", { name, known: [...known.values()].map((one) => one.name) });
    return image;
  };
  return {
    saves,
    known,
    list: async () => [...known.values()],
    names: async () => [...known.values()].map(({ name }) => name),
    show: async ({ name }) => find(name),
    async save(image) {
      saves.push(image);
      const { name, shared = false } = image;
      const saved = { name, shared, image: fakeImage, savedAt: 0 };
      known.set(name.toLowerCase(), saved);
      return saved;
    },
    async remove({ name }) {
      const image = find(name);
      known.delete(image.name.toLowerCase());
      return image;
    },
  };
}
