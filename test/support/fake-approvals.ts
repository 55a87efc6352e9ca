import type { ApprovalStatus, ApprovalUseCases, ApprovalView } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";

export interface FakeApprovals extends ApprovalUseCases {
  /** The questions that are open. */
  readonly asked: Map<string, ApprovalView>;
  /** The changes of the rule. */
  readonly changes: object[];
  status: ApprovalStatus;
}

/** Approvals in memory, for whoever asks. */
export function fakeApprovals(): FakeApprovals {
  const asked = new Map<string, ApprovalView>();
  const changes: object[] = [];
  const fake: FakeApprovals = {
    asked,
    changes,
    status: {},
    async decide(job, approves, { name }) {
      const open = asked.get(job);
      if (!open) throw new Refusal("approval-unknown", {});
      if (open.decision) throw new Refusal("approval-decided", { decision: open.decision, by: open.by });
      const decided = { ...open, decision: approves ? ("approved" as const) : ("refused" as const), by: name };
      asked.set(job, decided);
      return decided;
    },
    open: async () => [...asked.values()].filter(({ decision }) => decision === undefined),
    async rule(change) {
      if (change) changes.push(change);
      return fake.status;
    },
  };
  return fake;
}
