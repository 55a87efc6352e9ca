import type { CommandGroup } from "../src/command/command.ts";

/** `/privacy about`, `/privacy export`, ... */
export const privacyGroup: CommandGroup = { name: "privacy", summary: (text) => text.groups.privacy };
/** `/style save`, `/style list`, ... */
export const styleGroup: CommandGroup = { name: "style", summary: (text) => text.groups.style };
/** `/reference save`, `/reference list`, ... */
export const referenceGroup: CommandGroup = { name: "reference", summary: (text) => text.groups.reference };
/** `/admin grant`, `/admin usage`, ... */
export const adminGroup: CommandGroup = { name: "admin", summary: (text) => text.groups.admin };
