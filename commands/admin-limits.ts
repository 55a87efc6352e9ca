import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import type { Caller, UseCases } from "../src/contract/usecases.ts";
import { adminGroup } from "./groups.ts";
import { credits, described, memberField } from "./request-fields.ts";

const shared = { group: adminGroup, entry: "typed", audience: "admins" } as const;

const grant = command({
  ...shared,
  name: "admin-grant",
  summary: (text) => text.commands["admin-grant"],
  fields: { member: { ...memberField, required: true }, amount: { ...credits("amount", 1), required: true } },
  run: async ({ answers: { member, amount }, caller, usecases, text }) => {
    const { available } = await usecases.admin.grant(member, amount, caller);
    return cardReply(text.admin.granted(member, amount, available));
  },
});

/** Without a number it shows the limit; `unlimited` takes it away. */
const unlimited = { kind: "yes-no", ...described("unlimited"), required: false } as const;

const limit = command({
  ...shared,
  name: "admin-limit",
  summary: (text) => text.commands["admin-limit"],
  fields: { daily: credits("daily", 0), member: memberField, unlimited },
  run: async ({ answers: { member, daily, unlimited }, caller, usecases, text }) => {
    if (daily !== undefined || unlimited) await usecases.admin.limit({ member, daily: daily ?? null }, caller);
    return cardReply(text.admin.limited(member, await dailyOf(member, usecases, caller)));
  },
});

async function dailyOf(member: string | undefined, { admin }: UseCases, caller: Caller) {
  if (member === undefined) return (await admin.rules(caller)).memberDaily;
  const found = await admin.members(member, caller);
  return found.find((each) => each.member === member)?.memberDaily;
}

const budget = command({
  ...shared,
  name: "admin-budget",
  summary: (text) => text.commands["admin-budget"],
  fields: { monthly: credits("monthly", 0), unlimited },
  run: async ({ answers: { monthly, unlimited }, caller, usecases, text }) => {
    if (monthly === undefined && !unlimited) {
      return cardReply(text.admin.budget((await usecases.admin.usage(1, caller)).month));
    }
    return cardReply(text.admin.budget(await usecases.admin.budget(monthly ?? null, caller)));
  },
});

const workflows = command({
  ...shared,
  name: "admin-workflows",
  only: "slack",
  summary: (text) => text.commands["admin-workflows"],
  fields: {
    monthly: credits("stepsMonthly", 1),
    off: { kind: "yes-no", ...described("stepsOff"), required: false },
  },
  run: async ({ answers: { monthly, off }, caller, usecases, text }) => {
    if (monthly !== undefined || off) await usecases.admin.stepsBudget(off ? null : (monthly ?? null), caller);
    return cardReply(text.slack.steps.budget((await usecases.admin.rules(caller)).stepsMonthly));
  },
});

const allowance = command({
  ...shared,
  name: "admin-allowance",
  summary: (text) => text.commands["admin-allowance"],
  fields: {
    role: { kind: "role", ...described("role"), required: true },
    daily: credits("allowance", 0),
    unlimited: { ...unlimited, ...described("usual") },
  },
  run: async ({ answers: { role, daily, unlimited: usual }, caller, usecases, text }) => {
    if (daily !== undefined || usual) await usecases.admin.allowance(role, daily ?? null, caller);
    const { allowances } = await usecases.admin.operatorSettings(caller);
    return cardReply(text.admin.allowance(role, allowances[role]));
  },
});

const block = command({
  ...shared,
  name: "admin-block",
  summary: (text) => text.commands["admin-block"],
  fields: {
    member: { ...memberField, required: true },
    blocked: { kind: "yes-no", ...described("blocked"), required: false },
  },
  run: async ({ answers: { member, blocked = true }, caller, usecases, text }) => {
    await usecases.admin.block(member, blocked, caller);
    return cardReply(text.admin.blocked(member, blocked));
  },
});

/** Commands about who may spend how much. */
export const adminLimits: readonly AnyCommand[] = [grant, limit, budget, workflows, allowance, block];
