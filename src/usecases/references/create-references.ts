import type { Context } from "../../context.ts";
import type { ReferenceUseCases } from "../../contract/references.ts";
import { byName, findReference, listReferences, savedImage, storedReferences } from "./find-reference.ts";
import { removeReference } from "./remove-reference.ts";
import { saveReference } from "./save-reference.ts";

/** Makes everything that commands and platforms may ask of saved images. */
export function createReferences(context: Context): ReferenceUseCases {
  return {
    list: (caller) => listReferences(context, caller),
    names: async (caller) => [...byName(await storedReferences(context, caller)).values()].map(({ name }) => name),
    show: async (image, caller) => savedImage(await findReference(context, image, caller)),
    save: (image, caller) => saveReference(context, image, caller),
    remove: (image, caller) => removeReference(context, image, caller),
  };
}
