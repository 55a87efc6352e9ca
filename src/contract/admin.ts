import type { Credits } from "../request.ts";
import type { AlertStatus } from "./alerts.ts";
import type { OperatorSettings, TenantRules } from "./settings.ts";
import type { KeyTaken, OwnKeysView } from "./tenant-keys.ts";
import type { Caller, JobState } from "./usecases.ts";

/** Spending of one kind: a day, a service, a tenant, or a member. */
export interface UsageLine {
  readonly name: string;
  readonly jobs: number;
  readonly images: number;
  /** Credits that members paid. */
  readonly charged: Credits;
  /** Credits that services charged, or are taken to have charged. */
  readonly spent: Credits;
}

export interface UsageReport {
  readonly days: number;
  readonly total: UsageLine;
  readonly byDay: readonly UsageLine[];
  readonly byProvider: readonly UsageLine[];
  /** The part that the `operator` paid, and what each `tenant` paid by keys of its own; empty while there is none of that. */
  readonly byPayer: readonly UsageLine[];
  readonly byMember: readonly UsageLine[];
  /** Only for operators. */
  readonly byTenant: readonly UsageLine[];
  /** This month in this tenant; `limit` undefined means none. */
  readonly month: { readonly spent: Credits; readonly limit?: Credits | undefined };
}

/** Credits that were paid for outside. */
export interface OutsideGrant {
  /** Names the payment: the same key never gives twice. */
  readonly key: string;
  /** Where it was paid, for the audit log. */
  readonly source: string;
  readonly member: string;
  readonly amount: Credits;
  readonly note: string;
}

/** Such a grant as it stands now. */
export interface OutsideGrantState {
  readonly key: string;
  readonly member: string;
  readonly amount: Credits;
  /** The member's credits now. */
  readonly available: Credits;
  /** As many of them were taken back; absent while nobody asked for it. */
  readonly takenBack?: Credits;
}

export interface ProviderStatus {
  readonly name: string;
  readonly label: string;
  /** Working, resting after failures until `until`, or refusing the operator's key or money. */
  readonly state: "working" | "resting";
  readonly running: number;
  readonly concurrency: number;
  /** As last told by the service, with its unit. */
  readonly balance?: { readonly amount: number; readonly unit: string; readonly low: boolean } | undefined;
  /** Once the end of its model is near or past: the first day on which it answers nobody, as `2026-12-01`. */
  readonly ends?: { readonly model: string; readonly date: string; readonly hasEnded: boolean } | undefined;
  /** Calls of the last day. */
  readonly calls: number;
  readonly failures: number;
  readonly unknown: number;
  readonly medianMs?: number | undefined;
}

/** A call that may have been charged; members were not. */
export interface UnknownOutcome {
  readonly attempt: string;
  readonly job: string;
  readonly provider: string;
  readonly tenant: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly estimate: Credits;
  /** The service's own id of the call, when it told one. */
  readonly reference?: string | undefined;
  readonly message?: string | undefined;
}

/** Marks where a page of the audit log ends. */
export type AuditPlace = Pick<AuditEntry, "id" | "at">;

/** One thing that somebody with rights did. */
export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  readonly operator: string;
  readonly name: string;
  readonly tenant: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A member as those with rights see it. */
export interface MemberView {
  readonly member: string;
  readonly name: string;
  readonly available: Credits;
  readonly held: Credits;
  readonly charged: Credits;
  readonly jobs: number;
  readonly blocked: boolean;
  readonly memberDaily?: Credits | undefined;
}

/** A change of limits; null takes the limit away. */
export interface LimitChange {
  readonly member?: string | undefined;
  /** Credits in a UTC day. */
  readonly daily: Credits | null;
}

/** A change of rules: keys that are absent stay, those that are undefined are unset. */
export type RulesChange = Partial<TenantRules> | ((before: TenantRules) => Partial<TenantRules>);

/** The keys of the caller's tenant for services. Throws Refusal `admins-only`. */
export interface OwnKeys {
  list(caller: Caller): Promise<OwnKeysView>;
  /**
   * Tries a key and keeps it, sealed, in the place of the one before. Throws Refusal `own-keys-off`, `provider-unknown`,
   * `own-key-shape`, `own-key-refused`.
   */
  put(service: string, key: string, caller: Caller): Promise<KeyTaken>;
  /** Throws Refusal `own-key-none`. */
  remove(service: string, caller: Caller): Promise<OwnKeysView>;
}

/**
 * Everything that those with rights may do. Who manages a tenant sets its rules, limits and blocks; what spends or gives the
 * operator's own money (grant, allowance, pause, unknown outcomes, other tenants) is for operators only. Each call is
 * written to the audit log, is idempotent by `caller.inbound`, and throws Refusal `admins-only` or `operators-only`.
 */
export interface AdminUseCases {
  /** Gives credits; what is available afterwards. At most a million at a time. */
  grant(member: string, amount: Credits, caller: Caller): Promise<{ readonly available: Credits }>;
  /** Without a member: of each member in this tenant; with one, in all tenants together, for operators only. */
  limit(change: LimitChange, caller: Caller): Promise<void>;
  /** The tenant's month; operators set the hard limit, admins one below it. */
  budget(monthly: Credits | null, caller: Caller): Promise<UsageReport["month"]>;
  /**
   * Sets how much workflow steps that nobody started may spend in the caller's tenant in a month; null: nothing. Operators
   * set any amount; others one that is no higher than what all may spend there, or, where that has no limit, than what one
   * member may.
   */
  stepsBudget(monthly: Credits | null, caller: Caller): Promise<void>;
  /** Daily credits of who has this role of the caller's tenant. */
  allowance(role: string, daily: Credits | null, caller: Caller): Promise<void>;
  usage(days: number, caller: Caller): Promise<UsageReport>;
  /** Adds up today (UTC): of the caller's tenant, or for operators of all, as far as the operator pays. */
  usageToday(caller: Caller): Promise<UsageLine>;
  /** Reads the spending of the caller's tenant this month, and its limit. */
  month(caller: Caller): Promise<UsageReport["month"]>;
  /** Lists the tenants in which something was asked for in the last days; for operators only. */
  tenants(days: number, caller: Caller): Promise<readonly string[]>;
  /** In this tenant; by an operator, everywhere. */
  block(member: string, blocked: boolean, caller: Caller): Promise<void>;
  rules(caller: Caller): Promise<TenantRules>;
  /** A change that depends on the rules is given as a function of them: then two at once do not lose each other. */
  changeRules(change: RulesChange, caller: Caller): Promise<TenantRules>;
  /** Shows where alerts and the weekly digest go, or changes it; null: nowhere. Throws `admins-only`, `channel-closed`. */
  alerts(channel: string | null | undefined, caller: Caller): Promise<AlertStatus>;
  readonly keys: OwnKeys;
  /** Every service now. */
  providers(caller: Caller): Promise<readonly ProviderStatus[]>;
  /** Some process draws what is queued. */
  draws(caller: Caller): Promise<boolean>;
  /** The kill switch; undefined ends the pause. */
  pause(reason: string | undefined, caller: Caller): Promise<OperatorSettings>;
  operatorSettings(caller: Caller): Promise<OperatorSettings>;
  /** Not settled yet, oldest first. */
  unknown(caller: Caller): Promise<readonly UnknownOutcome[]>;
  settle(attempt: string, billed: boolean, caller: Caller): Promise<void>;
  /** Newest first. */
  auditLog(limit: number, caller: Caller, before?: AuditPlace): Promise<readonly AuditEntry[]>;
  /** Who spent most first; `search` is a part of the name or the key. */
  members(search: string | undefined, caller: Caller): Promise<readonly MemberView[]>;
  /** Jobs of this tenant, of all for operators; newest first. */
  jobs(filter: JobFilter, caller: Caller): Promise<readonly AdminJob[]>;
  /** One job with every phase of every call. */
  inspect(job: string, caller: Caller): Promise<JobInspection>;
}

/** Which jobs to list; what is undefined does not matter. */
export interface JobFilter {
  readonly state?: JobState | undefined;
  /** A member's key. */
  readonly member?: string | undefined;
  readonly provider?: string | undefined;
  /** Counts for operators only: others see their own. */
  readonly tenant?: string | undefined;
  readonly limit: number;
  /** Only jobs before this one. */
  readonly before?: string | undefined;
}

export interface AdminJob {
  readonly id: string;
  readonly member: string;
  readonly memberName: string;
  readonly tenant: string;
  readonly state: JobState;
  readonly provider: string;
  readonly prompt: string;
  readonly held: Credits;
  readonly charged?: Credits | undefined;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
}

export interface JobInspection extends AdminJob {
  readonly attempts: readonly {
    readonly id: string;
    readonly provider: string;
    readonly phase: string;
    readonly outcome?: string | undefined;
    readonly status?: number | undefined;
    readonly cost?: Credits | undefined;
    readonly estimate?: Credits | undefined;
    readonly reference?: string | undefined;
    readonly message?: string | undefined;
    readonly createdAt: number;
    readonly sentAt?: number | undefined;
    readonly endedAt?: number | undefined;
  }[];
  readonly delivery?:
    | {
        readonly phase: string;
        readonly tries: number;
        readonly route?: string | undefined;
        readonly confirmedAt?: number | undefined;
      }
    | undefined;
  readonly transfers: readonly {
    readonly kind: string;
    readonly debit: string;
    readonly credit: string;
    readonly amount: Credits;
    readonly at: number;
  }[];
}
