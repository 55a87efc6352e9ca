import type { CommandGroup } from "../src/command/command.ts";

/** `/privacy about`, `/privacy export`, ... */
export const privacyGroup: CommandGroup = { name: "privacy", summary: (text) => text.groups.privacy };
/** `/admin grant`, `/admin usage`, ... */
export const adminGroup: CommandGroup = { name: "admin", summary: (text) => text.groups.admin };
