import { command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import type { Defaults, TenantRules } from "../src/contract/usecases.ts";
import { adminGroup } from "./groups.ts";
import { described, drafts, requestFields } from "./request-fields.ts";

const channel = (name: "allowChannel" | "removeChannel") =>
  ({ kind: "channel", ...described(name), required: false }) as const;
const role = (name: "allowRole" | "removeRole") => ({ kind: "role", ...described(name), required: false }) as const;
const word = (name: "blockWord" | "unblockWord") =>
  ({ kind: "text", ...described(name), required: false, maxLength: 100, multiline: false }) as const;
const yesNo = (name: "spoiler" | "mature") => ({ kind: "yes-no", ...described(name), required: false }) as const;

/** Shows the rules where no answer is given; each answer changes one of them. */
export const adminRules = command({
  name: "admin-rules",
  group: adminGroup,
  audience: "admins",
  summary: (text) => text.commands["admin-rules"],
  entry: "typed",
  fields: {
    "allow-channel": channel("allowChannel"),
    "remove-channel": channel("removeChannel"),
    "allow-role": role("allowRole"),
    "remove-role": role("removeRole"),
    "block-word": word("blockWord"),
    "unblock-word": word("unblockWord"),
    size: requestFields.size,
    quality: requestFields.quality,
    count: requestFields.count,
    format: requestFields.format,
    background: requestFields.background,
    compression: requestFields.compression,
    fidelity: requestFields.fidelity,
    drafts,
    provider: requestFields.provider,
    spoiler: yesNo("spoiler"),
    mature: yesNo("mature"),
    batch: { kind: "integer", ...described("batch"), required: false, min: 1, max: 40 },
  },
  run: async ({ answers, caller, usecases, text }) => {
    const { admin } = usecases;
    const asked = Object.values(answers).some((answer) => answer !== undefined);
    const after = asked
      ? await admin.changeRules((before) => changeOf(before, answers), caller)
      : await admin.rules(caller);
    return cardReply(text.admin.rules(after));
  },
});

interface Answered extends Defaults {
  readonly "allow-channel"?: string | undefined;
  readonly "remove-channel"?: string | undefined;
  readonly "allow-role"?: string | undefined;
  readonly "remove-role"?: string | undefined;
  readonly "block-word"?: string | undefined;
  readonly "unblock-word"?: string | undefined;
  readonly spoiler?: boolean | undefined;
  readonly mature?: boolean | undefined;
  readonly batch?: number | undefined;
}

/** Only what is different afterwards. */
function changeOf(rules: TenantRules, a: Answered): Partial<TenantRules> {
  const { size, quality, count, format, background, compression, fidelity, drafts: draws, provider } = a;
  const options = { size, quality, count, format, background, compression, fidelity, drafts: draws, provider };
  const defaults = given(options);
  return given({
    channels: changed(rules.channels, a["allow-channel"], a["remove-channel"]),
    roles: changed(rules.roles, a["allow-role"], a["remove-role"]),
    blockedWords: changed(rules.blockedWords, a["block-word"], a["unblock-word"]),
    defaults: Object.keys(defaults).length > 0 ? { ...rules.defaults, ...defaults } : undefined,
    spoiler: a.spoiler,
    mature: a.mature,
    batchImages: a.batch,
  });
}

function changed(items: readonly string[], added: string | undefined, removed: string | undefined) {
  if (added === undefined && removed === undefined) return undefined;
  const kept = items.filter((item) => item !== removed && item !== added);
  return added === undefined ? kept : [...kept, added];
}

function given<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Key in keyof Values]?: Exclude<Values[Key], undefined> };
}
