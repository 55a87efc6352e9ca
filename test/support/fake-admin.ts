import { noOperatorSettings, openRules } from "../../src/contract/settings.ts";
import type { AdminUseCases, ProviderStatus, UsageLine } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";

/** Records what somebody with rights asked for. */
export interface AdminAsked {
  readonly what: keyof AdminUseCases;
  readonly given: readonly unknown[];
}

export interface FakeAdmin extends AdminUseCases {
  readonly asked: AdminAsked[];
}

/** The admin use cases behind a platform: everybody may do everything, and what was asked is kept. */
export function fakeAdmin(): FakeAdmin {
  const asked: AdminAsked[] = [];
  let rules = openRules;
  let operator = noOperatorSettings;
  const note = (what: keyof AdminUseCases, ...given: unknown[]) => void asked.push({ what, given });
  return {
    asked,
    grant: async (member, amount) => {
      note("grant", member, amount);
      return { available: amount };
    },
    limit: async (change) => note("limit", change),
    budget: async (monthly) => {
      note("budget", monthly);
      return { spent: 0, ...(monthly === null ? {} : { limit: monthly }) };
    },
    stepsBudget: async (monthly) => {
      rules = { ...rules, stepsMonthly: monthly ?? undefined };
    },
    allowance: async (role, daily) => note("allowance", role, daily),
    usage: async (days) => ({ ...emptyUsage, days }),
    usageToday: async () => nothing,
    month: async () => emptyUsage.month,
    tenants: async () => [],
    keys: fakeKeys,
    block: async (member, blocked) => note("block", member, blocked),
    rules: async () => rules,
    changeRules: async (change) => {
      note("changeRules", change);
      rules = { ...rules, ...(typeof change === "function" ? change(rules) : change) };
      return rules;
    },
    ...{ providers: async () => [sandbox], alerts: async () => ({}), draws: async () => true },
    pause: async (reason) => {
      note("pause", reason);
      const { paused: _, ...rest } = operator;
      operator = reason === undefined ? rest : { ...rest, paused: { reason, operator: "web:local", at: 0 } };
      return operator;
    },
    operatorSettings: async () => operator,
    unknown: async () => [],
    settle: async (attempt, billed) => note("settle", attempt, billed),
    auditLog: async () => [],
    members: async () => [],
    jobs: async () => [],
    inspect: async () => {
      throw new Refusal("job-unknown", {});
    },
  };
}

const nothing: UsageLine = { name: "", jobs: 0, images: 0, charged: 0, spent: 0 };
const emptyUsage = {
  total: nothing,
  byDay: [],
  byProvider: [],
  byPayer: [],
  byMember: [],
  byTenant: [],
  month: { spent: 0 },
};

const sandbox: ProviderStatus = {
  name: "sandbox",
  label: "Sandbox",
  state: "working",
  running: 0,
  concurrency: 4,
  calls: 0,
  failures: 0,
  unknown: 0,
};

const fakeKeys: AdminUseCases["keys"] = {
  list: async () => ({ isOn: true, services: [] }),
  put: async (service) => ({ label: service, replaced: false, isTried: true }),
  remove: async () => ({ isOn: true, services: [] }),
};
