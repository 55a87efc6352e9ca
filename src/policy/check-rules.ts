import type { TenantRules } from "../contract/settings.ts";
import { checkAmount, checkDefaults, maxLimit, unknownSetting } from "./check-settings.ts";

const maxItems = 500;
/** As many as one message in Slack can show. */
const mostBatchImages = 40;
/** Channels, roles and members as platforms name them. */
const key = /^[\w:./-]{1,200}$/;
const word = /^(?=.*[\p{L}\p{N}]).{1,100}$/u;

/** Checks a change of a tenant's rules before anything of it is kept. Throws Refusal. */
export function checkRules(change: Partial<TenantRules>, providers: readonly string[]): Partial<TenantRules> {
  const checked: Record<string, unknown> = {};
  for (const [setting, value] of Object.entries(change)) {
    checked[setting] = value === undefined ? undefined : check(setting as keyof TenantRules, value, providers);
  }
  return checked as Partial<TenantRules>;
}

function check(setting: keyof TenantRules, value: unknown, providers: readonly string[]): unknown {
  switch (setting) {
    case "channels":
    case "roles":
    case "blockedMembers":
      return list(setting, value, key);
    case "blockedWords":
      return list(setting, value, word);
    case "spoiler":
    case "mature":
      if (typeof value !== "boolean") throw unknownSetting(setting, value);
      return value;
    case "memberDaily":
    case "monthly":
      checkAmount(value as number, 0, maxLimit);
      return value;
    case "approval":
    case "alerts":
    case "stepsMonthly":
      throw unknownSetting(setting, value); // they have use cases of their own
    case "batchImages":
      checkAmount(value as number, 1, mostBatchImages);
      return value;
    case "defaults":
      if (typeof value !== "object" || value === null) throw unknownSetting(setting, value);
      return checkDefaults(value, providers);
    default:
      throw unknownSetting(setting satisfies never, value);
  }
}

/** Each item once, in the order given. */
function list(setting: string, value: unknown, shape: RegExp): readonly string[] {
  if (!Array.isArray(value) || value.length > maxItems) throw unknownSetting(setting, value);
  const items = value.map((item: unknown) => (typeof item === "string" ? item.trim() : ""));
  const wrong = items.findIndex((item) => !shape.test(item));
  if (wrong >= 0) throw unknownSetting(setting, value[wrong]);
  return [...new Set(items)];
}
