import type { Context } from "../../context.ts";
import type { StyleUseCases } from "../../contract/styles.ts";
import { findStyle, listDefaults, listNames, listStyles, styleView } from "./find-style.ts";
import { removeStyle } from "./remove-style.ts";
import { saveStyle } from "./save-style.ts";
import { setDefault } from "./set-default.ts";

/** Makes everything that commands and platforms may ask of styles. */
export function createStyles(context: Context): StyleUseCases {
  return {
    list: (caller) => listStyles(context, caller),
    names: (caller) => listNames(context, caller),
    defaults: (caller) => listDefaults(context, caller),
    show: async (style, caller) => styleView(await findStyle(context, style, caller)),
    save: (style, caller) => saveStyle(context, style, caller),
    remove: (style, caller) => removeStyle(context, style, caller),
    setDefault: (style, caller) => setDefault(context, style, caller),
  };
}
