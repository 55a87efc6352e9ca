import { command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import type { MemberSettings } from "../src/contract/usecases.ts";
import { described, drafts, requestFields } from "./request-fields.ts";

const { size, quality, count, format, background, compression, fidelity, provider, private: hidden } = requestFields;

const nothing: MemberSettings = {
  size: undefined,
  quality: undefined,
  count: undefined,
  format: undefined,
  background: undefined,
  compression: undefined,
  fidelity: undefined,
  drafts: undefined,
  provider: undefined,
  private: undefined,
  confirmAbove: undefined,
};

/** Shows the settings where no answer is given; what is given is changed, the rest stays. */
export const settings = command({
  name: "settings",
  summary: (text) => text.commands.settings,
  entry: "typed",
  shows: "settings",
  fields: {
    size,
    quality,
    count,
    format,
    background,
    compression,
    fidelity,
    drafts,
    provider,
    private: hidden,
    confirm: { kind: "integer", ...described("confirm"), required: false, min: 0, max: 1_000_000 },
    reset: { kind: "yes-no", ...described("reset"), required: false },
  },
  run: async ({ answers: { confirm, reset, ...typed }, caller, usecases, text }) => {
    const given = Object.entries({ ...typed, confirmAbove: confirm }).filter(([, value]) => value !== undefined);
    const change: Partial<MemberSettings> = { ...(reset ? nothing : {}), ...Object.fromEntries(given) };
    const after =
      Object.keys(change).length === 0
        ? await usecases.settings(caller)
        : await usecases.changeSettings(change, caller);
    return cardReply(text.cards.settings(after));
  },
});
