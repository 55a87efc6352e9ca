import { type AnyCommand, command, type Invocation } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import type { ApprovalChange } from "../src/contract/usecases.ts";
import { adminGroup } from "./groups.ts";
import { credits, described, jobField, memberField } from "./request-fields.ts";

type OfJob = { readonly job: typeof jobField };

const answering =
  (approves: boolean) =>
  async ({ answers, caller, usecases, text }: Invocation<OfJob>) =>
    cardReply(text.approvals.decided(await usecases.approvals.decide(answers.job.job, approves, caller)));

const approve = command({
  name: "approve",
  summary: (text) => text.commands.approve,
  entry: "button",
  fields: { job: jobField },
  run: answering(true),
});

const refuse = command({
  name: "refuse",
  summary: (text) => text.commands.refuse,
  entry: "button",
  fields: { job: jobField },
  run: answering(false),
});

const role = (name: "approverRole" | "removeApproverRole") =>
  ({ kind: "role", ...described(name), required: false }) as const;
const yesNo = (name: "ownOrders" | "noApproval") => ({ kind: "yes-no", ...described(name), required: false }) as const;

/** Shows the rule where no answer is given; each answer changes a part of it. */
const rule = command({
  name: "admin-approval",
  group: adminGroup,
  audience: "admins",
  summary: (text) => text.commands["admin-approval"],
  entry: "typed",
  fields: {
    above: credits("approvalAbove", 0),
    channel: { kind: "channel", ...described("approvalChannel"), required: false, posts: true },
    role: role("approverRole"),
    member: { ...memberField, ...described("approverMember") },
    "remove-role": role("removeApproverRole"),
    "remove-member": { ...memberField, ...described("removeApproverMember") },
    own: yesNo("ownOrders"),
    off: yesNo("noApproval"),
  },
  run: async ({ answers, caller, usecases, text }) => {
    const { above, channel, own, off } = answers;
    const named = (...keys: readonly (string | undefined)[]) => keys.filter((key) => key !== undefined);
    const change: ApprovalChange = {
      above: off ? null : above,
      channel,
      add: named(answers.role, answers.member),
      remove: named(answers["remove-role"], answers["remove-member"]),
      own,
    };
    const asked = Object.values(answers).some((answer) => answer !== undefined);
    return cardReply(text.approvals.rule(await usecases.approvals.rule(asked ? change : undefined, caller)));
  },
});

/** For those who may decide; whoever may not is refused. */
const list = command({
  name: "approvals",
  summary: (text) => text.commands.approvals,
  entry: "typed",
  fields: {},
  run: async ({ caller, usecases, text }) => cardReply(text.approvals.list(await usecases.approvals.open(caller))),
});

/** Orders that somebody must approve. */
export const approvals: readonly AnyCommand[] = [approve, refuse, list, rule];
