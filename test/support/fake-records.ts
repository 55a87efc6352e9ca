import type {
  AlertChannel,
  Caller,
  DescriptionUseCases,
  JobView,
  MemberSettings,
  UseCases,
} from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import { fakeAdmin } from "./fake-admin.ts";
import { type FakeApprovals, fakeApprovals } from "./fake-approvals.ts";
import { type FakeReferences, fakeReferences } from "./fake-references.ts";
import { type FakeStyles, fakeStyles } from "./fake-styles.ts";
import { type FakeVisits, fakeVisits } from "./fake-visits.ts";
import { noDescriptions } from "./no-descriptions.ts";

type Records = Pick<
  UseCases,
  | "jobOfMessage"
  | "jobsAt"
  | "messagesOf"
  | "remove"
  | "settings"
  | "changeSettings"
  | "exportData"
  | "deleteData"
  | "tenantGone"
  | "welcome"
>;

export interface FakeRecords extends Records {
  readonly admin: ReturnType<typeof fakeAdmin>;
  readonly styles: FakeStyles;
  readonly visits: FakeVisits;
  readonly references: FakeReferences;
  readonly approvals: FakeApprovals;
  readonly descriptions: DescriptionUseCases;
  /** Message keys by job. */
  readonly messages: Map<string, readonly string[]>;
  readonly gone: string[];
  /** Channels in which the bot was to say how to begin. */
  readonly welcomed: AlertChannel[];
}

/** The part of the use cases that keeps and deletes, over the jobs of a fake. */
export function fakeRecords(jobs: () => readonly JobView[]): FakeRecords {
  const messages = new Map<string, readonly string[]>();
  const settings = new Map<string, MemberSettings>();
  const gone: string[] = [];
  const welcomed: AlertChannel[] = [];
  const of = (caller: Caller) => settings.get(caller.member) ?? {};
  return {
    admin: fakeAdmin(),
    styles: fakeStyles(),
    visits: fakeVisits(),
    references: fakeReferences(),
    approvals: fakeApprovals(),
    descriptions: noDescriptions,
    messages,
    gone,
    welcomed,
    jobsAt: async (isThere, { member }) =>
      jobs()
        .filter((job) => job.member === member && isThere(job.replyTarget ?? ""))
        .toReversed(),
    async jobOfMessage(message) {
      const job = [...messages].find(([, keys]) => keys.includes(message))?.[0];
      return jobs().find(({ id }) => id === job);
    },
    messagesOf: async (job) => messages.get(job) ?? [],
    async remove(id) {
      const job = jobs().find((one) => one.id === id);
      if (!job) throw new Refusal("job-unknown", {});
      return { ...job, images: [], request: { ...job.request, prompt: "" } };
    },
    settings: async (caller) => of(caller),
    async changeSettings(change, caller) {
      settings.set(caller.member, { ...of(caller), ...change });
      return of(caller);
    },
    exportData: async () => ({ document: [JSON.stringify({ jobs: jobs() })], images: [] }),
    deleteData: async () => ({ jobs: jobs().length }),
    welcome: async (channel) => void welcomed.push(channel),
    tenantGone: async (tenant) => void gone.push(tenant),
  };
}
