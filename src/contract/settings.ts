import type { Credits } from "../request.ts";
import type { AlertChannel } from "./alerts.ts";

/** Options of a request where a member says nothing; each as it would be typed. */
export interface Defaults {
  readonly size?: string | undefined;
  readonly quality?: string | undefined;
  readonly count?: number | undefined;
  readonly format?: string | undefined;
  readonly provider?: string | undefined;
  readonly private?: boolean | undefined;
  readonly background?: string | undefined;
  readonly compression?: number | undefined;
  readonly fidelity?: string | undefined;
  /** Draw drafts, at the lowest quality, where nobody names a quality for just that image. */
  readonly drafts?: boolean | undefined;
}

/** The settings of a member; unset means as the tenant has it, and then as the bot has it. */
export interface MemberSettings extends Defaults {
  /** Ask before anything that costs more than this. */
  readonly confirmAbove?: Credits | undefined;
}

/** Above how much a tenant wants its members' orders approved, by whom, and where that is asked. */
export interface ApprovalRule {
  /** Orders of one member within an hour that nobody approved may cost so much together. */
  readonly above: Credits;
  /** The platform's channel id; undefined where a platform has no channels: then approvers ask for the list. */
  readonly channel?: string | undefined;
  /** BCP 47: the language of the messages there, that of whoever set the channel. */
  readonly locale: string;
  /** Role keys and member keys; those who manage the tenant may always decide. */
  readonly approvers: readonly string[];
  /** Those who manage the tenant may approve their own orders. */
  readonly own: boolean;
}

/** The rules of a guild or workspace, set by those who manage it. Lists that are empty restrict nothing. */
export interface TenantRules {
  /** Only here may images be asked for; the platform's channel ids. */
  readonly channels: readonly string[];
  /** Only who has one of these may ask; the platform's role ids. */
  readonly roles: readonly string[];
  readonly blockedMembers: readonly string[];
  readonly blockedWords: readonly string[];
  readonly defaults: Defaults;
  /** The most that one member may spend here in a UTC day. */
  readonly memberDaily?: Credits | undefined;
  /** The most that all may spend here in a UTC month; the operator's own limit still counts. */
  readonly monthly?: Credits | undefined;
  /** The most that workflow steps which nobody started may spend here in a UTC month; unset: nothing. */
  readonly stepsMonthly?: Credits | undefined;
  /** Orders that cost more need somebody's approval; unset: none does. */
  readonly approval?: ApprovalRule | undefined;
  /** The most images of one batch; undefined: as everywhere. */
  readonly batchImages?: number | undefined;
  /** Where alerts and the weekly digest are posted; unset: nowhere. */
  readonly alerts?: AlertChannel | undefined;
  /** Images are posted as spoilers. */
  readonly spoiler: boolean;
  /** The less strict moderation is possible in channels for adults. */
  readonly mature: boolean;
}

export const openRules: TenantRules = {
  channels: [],
  roles: [],
  blockedMembers: [],
  blockedWords: [],
  defaults: {},
  spoiler: false,
  mature: false,
};

/** The settings that the operator changes while the bot runs, for every tenant. */
export interface OperatorSettings {
  /** The kill switch: nothing new is taken on, and nothing more is sent to a service. */
  readonly paused?: { readonly reason: string; readonly operator: string; readonly at: number } | undefined;
  readonly blockedMembers: readonly string[];
  /** Daily credits by role key, `discord:guild:1/role:2` or `slack:T1/group:S2`; the highest of a member's counts. */
  readonly allowances: Readonly<Record<string, Credits>>;
  /** Limits of one tenant; the stricter of these and the configuration's counts. */
  readonly tenantMonthly: Readonly<Record<string, Credits>>;
  /** The most that one member may spend in all tenants together in a UTC day. */
  readonly memberDaily: Readonly<Record<string, Credits>>;
}

export const noOperatorSettings: OperatorSettings = {
  blockedMembers: [],
  allowances: {},
  tenantMonthly: {},
  memberDaily: {},
};
