import type { AnyCommand } from "../src/command/command.ts";
import { again } from "./again.ts";
import { cancel } from "./cancel.ts";
import { credits } from "./credits.ts";
import { edit } from "./edit.ts";
import { imagine } from "./imagine.ts";
import { upscale } from "./upscale.ts";
import { vary } from "./vary.ts";

/** Every command, in the order in which help lists them; a new one is one file and one line here. */
export const commands: readonly AnyCommand[] = [imagine, edit, again, vary, upscale, cancel, credits];
