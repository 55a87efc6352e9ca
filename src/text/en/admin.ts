import type {
  Defaults,
  ProviderStatus,
  TenantRules,
  UnknownOutcome,
  UsageLine,
  UsageReport,
} from "../../contract/usecases.ts";
import type { Credits } from "../../request.ts";
import type { Card } from "../card.ts";
import { clip, number, utcTime } from "../words.ts";
import { enKeys } from "./keys.ts";

const done = (title: string, ...paragraphs: string[]): Card => ({ title, tone: "good", paragraphs });
const amount = (credits: Credits) => `${number(credits)} credits`;

const usageRow = (line: UsageLine) => ({
  label: clip(line.name, 80),
  value: `${number(line.images)} images · ${amount(line.charged)} paid · ${amount(line.spent)} spent`,
});

const serviceState = ({ label, state }: ProviderStatus) =>
  `${label}${state === "working" ? "" : " (resting after failures)"}`;

const balanceText = ({ amount: left, unit, low }: NonNullable<ProviderStatus["balance"]>) =>
  `${number(left)} ${unit}${low ? " (low)" : ""}`;

const usageCells = ({ name, images, jobs, charged, spent }: UsageLine) => [
  clip(name, 80),
  images,
  jobs,
  charged,
  spent,
];

const modelEnd = ({ model, date, hasEnded }: NonNullable<ProviderStatus["ends"]>): string =>
  hasEnded ? `the model ${model} ended on ${date}: it is not used` : `the model ${model} ends on ${date}`;

const defaultsText = (d: Defaults): string =>
  [
    d.size,
    d.quality,
    d.count === undefined ? "" : `x${d.count}`,
    d.format,
    d.background === undefined ? "" : `background ${d.background}`,
    d.compression === undefined ? "" : `compression ${d.compression}`,
    d.fidelity === undefined ? "" : `fidelity ${d.fidelity}`,
    d.drafts ? "drafts" : "",
    d.provider,
  ]
    .filter(Boolean)
    .join(", ");

/** Cards for those who manage a tenant or run the bot. Members are named by their platform's own mention or key. */
export const enAdmin = {
  keys: enKeys,
  granted: (member: string, given: Credits, available: Credits): Card =>
    done("Granted", `${amount(given)} for ${member}, who now has ${number(available)}.`),
  limited: (who: string | undefined, daily: Credits | undefined): Card =>
    done(
      "Limit set",
      who === undefined
        ? `Each member may spend ${daily === undefined ? "without a limit" : `${amount(daily)} a day`} here.`
        : `${who} may spend ${daily === undefined ? "without a limit of their own" : `${amount(daily)} a day everywhere together`}.`,
    ),
  budget: ({ spent, limit }: UsageReport["month"]): Card =>
    done(
      "Budget",
      `${amount(spent)} spent this month${limit === undefined ? ", without a limit." : ` of ${amount(limit)}.`}`,
    ),
  allowance: (role: string, daily: Credits | undefined): Card =>
    done("Allowance", `${role}: ${daily === undefined ? "as everybody" : `${amount(daily)} a day`}.`),
  blocked: (member: string, blocked: boolean): Card =>
    done(
      blocked ? "Blocked" : "No longer blocked",
      `${member} ${blocked ? "may not make images any more" : "may make images again"}.`,
    ),
  paused: (reason: string | undefined): Card =>
    reason === undefined
      ? done("The pause is over", "Waiting jobs go on.")
      : done(
          "Paused",
          "Nothing new is taken on, and nothing more is sent to a service. Waiting jobs keep their place.",
        ),
  usage: (report: UsageReport): Card => ({
    title: `The last ${report.days} days`,
    tone: "plain",
    paragraphs: [
      usageRow(report.total).value,
      ...report.byPayer
        .filter(({ name }) => name === "tenant")
        .map((line) => `Of this by keys of servers and workspaces themselves: ${usageRow(line).value}.`),
      `This month here: ${amount(report.month.spent)}${report.month.limit === undefined ? "" : ` of ${amount(report.month.limit)}`}.`,
    ],
    rows: [...report.byProvider, ...report.byMember.slice(0, 10)].map(usageRow),
    table: {
      columns: ["Service or member", "Images", "Jobs", "Paid", "Spent"],
      rows: [...report.byProvider, ...report.byMember.slice(0, 50), { ...report.total, name: "All" }].map(usageCells),
    },
  }),
  rules: (rules: TenantRules): Card => {
    const all = (items: readonly string[]) => (items.length === 0 ? "all" : items.join(", "));
    const none = (items: readonly string[]) => (items.length === 0 ? "none" : items.join(", "));
    return {
      title: "The rules here",
      tone: "plain",
      paragraphs: [],
      rows: [
        { label: "Channels", value: all(rules.channels) },
        { label: "Roles", value: all(rules.roles) },
        { label: "Blocked words", value: none(rules.blockedWords) },
        { label: "Blocked members", value: none(rules.blockedMembers) },
        { label: "Defaults", value: defaultsText(rules.defaults) || "the usual ones" },
        { label: "A member, a day", value: rules.memberDaily === undefined ? "no limit" : amount(rules.memberDaily) },
        { label: "All, a month", value: rules.monthly === undefined ? "no limit" : amount(rules.monthly) },
        { label: "Images at once", value: rules.batchImages === undefined ? "12" : number(rules.batchImages) },
        { label: "Spoilers", value: rules.spoiler ? "yes" : "no" },
        { label: "Less moderation for adults", value: rules.mature ? "possible" : "no" },
      ],
    };
  },
  providers: (statuses: readonly ProviderStatus[]): Card => ({
    title: "Image services",
    tone: statuses.some(({ state, ends }) => state !== "working" || ends) ? "bad" : "plain",
    paragraphs: ["Of the last 24 hours."],
    rows: statuses.map((s) => ({
      label: serviceState(s),
      value: [
        `${s.running} of ${s.concurrency} running`,
        `${number(s.calls)} calls, ${number(s.failures)} failed, ${number(s.unknown)} unknown`,
        s.medianMs === undefined ? "" : `${Math.round(s.medianMs / 1000)} s`,
        s.ends ? modelEnd(s.ends) : "",
        s.balance ? `left: ${balanceText(s.balance)}` : "",
      ]
        .filter(Boolean)
        .join(" · "),
    })),
    table: {
      columns: ["Service", "Running", "Calls", "Failed", "Unknown", "Usual time", "Left"],
      rows: statuses.map((s) => [
        `${serviceState(s)}${s.ends ? ` · ${modelEnd(s.ends)}` : ""}`,
        `${s.running} of ${s.concurrency}`,
        ...[s.calls, s.failures, s.unknown],
        s.medianMs === undefined ? "" : `${Math.round(s.medianMs / 1000)} s`,
        s.balance ? balanceText(s.balance) : "",
      ]),
    },
  }),
  unknown: (outcomes: readonly UnknownOutcome[]): Card => {
    const [first] = outcomes;
    if (!first) return done("Nothing to settle", "No outcome is unknown.");
    return {
      title:
        outcomes.length === 1 ? "1 call of unknown outcome" : `${number(outcomes.length)} calls of unknown outcome`,
      tone: "bad",
      paragraphs: [
        "These calls may have been charged by the service; members were not. Look at the service's own records, then settle the oldest:",
        `${first.provider}, ${utcTime(first.sentAt)}, ${amount(first.estimate)}${first.reference ? `, ${first.reference}` : ""}.`,
      ],
      rows: outcomes.slice(0, 10).map((outcome) => ({
        label: `${utcTime(outcome.sentAt)} · ${outcome.provider}`,
        value: `${amount(outcome.estimate)} · ${clip(outcome.message ?? "", 80)}`,
      })),
      buttons: [
        { command: "admin-settle-billed", job: first.job, label: "It was charged", style: "plain" },
        { command: "admin-settle-not-billed", job: first.job, label: "It was not charged", style: "plain" },
      ],
    };
  },
};
