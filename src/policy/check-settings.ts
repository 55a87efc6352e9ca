import type { Defaults, MemberSettings } from "../contract/settings.ts";
import { Refusal } from "../errors.ts";
import type { Credits } from "../request.ts";
import { readDraft } from "./draft.ts";

/** More credits than any service costs in a month. */
export const maxLimit = 1_000_000_000;
const maxConfirm = 1_000_000;

const kinds: Readonly<Record<keyof Defaults, "string" | "number" | "boolean">> = {
  size: "string",
  quality: "string",
  count: "number",
  format: "string",
  provider: "string",
  private: "boolean",
  background: "string",
  compression: "number",
  fidelity: "string",
  drafts: "boolean",
};

/**
 * Checks what is to become a default with the readers of drafts, so that nothing is kept that no draft may say.
 * Throws Refusal: `setting-unknown`, `provider-unknown`, or what the draft's reader says.
 */
export function checkDefaults(change: Partial<Defaults>, providers: readonly string[]): Partial<Defaults> {
  for (const [setting, value] of Object.entries(change)) checkDefault(setting, value, providers);
  return change;
}

/** The same for all that a member may set. Throws also `amount-out-of-range`. */
export function checkMemberSettings(
  change: Partial<MemberSettings>,
  providers: readonly string[],
): Partial<MemberSettings> {
  const { confirmAbove, ...defaults } = change;
  checkDefaults(defaults, providers);
  if (confirmAbove !== undefined) checkAmount(confirmAbove, 0, maxConfirm);
  return change;
}

/** Throws `amount-out-of-range`. */
export function checkAmount(amount: Credits, min: Credits, max: Credits): void {
  const good = Number.isSafeInteger(amount) && amount >= min && amount <= max;
  if (!good) throw new Refusal("amount-out-of-range", { amount: Number(amount), min, max });
}

/** A setting that nothing kept says. */
export function unknownSetting(setting: string, value: unknown): Refusal {
  return new Refusal("setting-unknown", { setting: setting.slice(0, 40), value: String(value).slice(0, 40) });
}

function checkDefault(setting: string, value: unknown, providers: readonly string[]): void {
  const kind = Object.hasOwn(kinds, setting) ? kinds[setting as keyof Defaults] : undefined;
  if (kind === undefined) throw unknownSetting(setting, value);
  if (value === undefined) return;
  if (typeof value !== kind) throw unknownSetting(setting, value);
  if (setting === "provider" && !providers.includes(String(value))) {
    throw new Refusal("provider-unknown", { provider: String(value).slice(0, 40), allowed: providers });
  }
  readDraft({ prompt: "?", [setting]: value });
}
