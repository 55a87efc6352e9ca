import type { Context } from "../context.ts";
import type { Alert, AlertChannel } from "../contract/alerts.ts";
import { startOfDay, startOfMonth, startOfNextDay, startOfNextMonth } from "../credits/days.ts";
import { spentSince } from "../credits/limits.ts";
import { type OpenBill, openBills } from "../jobs/calls.ts";
import { addChannelMessage, knownMessages } from "../jobs/channel-messages.ts";
import { endOutage, markAlerted, noteOutage, type Outage, outages } from "../jobs/outages.ts";
import { alertChannelsOf, operatorSettingsOf, rulesOf } from "../policy/documents.ts";
import { strictest } from "../policy/rules.ts";
import { lastingName } from "../providers/offered.ts";
import type { Credits } from "../request.ts";
import { takeTask } from "../store/task-lease.ts";
import { eraseRemovedKeys } from "../store/tenant-keys.ts";
import { digestOfLastWeek } from "./weeks.ts";

/** Trouble that is over sooner is kept to itself. */
const settledMs = 120_000;
/** A service without trouble for so long works again: short pauses in between are the same outage. */
const quietMs = 600_000;
const turnMs = 45_000;
const mostBills = 1000;

/** A message that is to be posted once in a channel: `key` says which, and is the same in every process. */
interface Notice {
  readonly key: string;
  readonly kind: "alert" | "digest";
  readonly facts: object;
}

/** A channel of a tenant, or of the operator, who hears of all tenants together. */
interface Listener {
  readonly channel: AlertChannel;
  readonly isOperator: boolean;
}

/**
 * Writes down what is to be posted in channels for alerts: each alert once for its period or outage, whichever of several
 * processes sees it, and over restarts, as the message itself is the mark.
 */
export async function lookForAlerts(context: Context): Promise<void> {
  const { database, world } = context;
  await noteTrouble(context);
  const now = world.now();
  if (!(await database.transaction((trx) => takeTask(trx, "alerts", { now, until: now + turnMs })))) return;
  await eraseRemovedKeys(database.db);
  const listeners = await listenersOf(context);
  await tellOutages(context, listeners);
  if (listeners.length === 0) return;
  const bills = await openBills(database.db, mostBills);
  for (const listener of listeners) {
    await tell(context, listener, [
      ...(await budgetAlerts(context, listener)),
      ...unknownAlerts([...bills, ...(await ownBills(context, listener))], listener, now),
      ...(await keyAlerts(context, listener)),
      ...digestOfLastWeek(now),
    ]);
  }
}

async function listenersOf(context: Context): Promise<readonly Listener[]> {
  const tenants = (await alertChannelsOf(context.database.db)).map((channel) => ({ channel, isOperator: false }));
  return [...tenants, ...context.alertChannels.map((channel) => ({ channel, isOperator: true }))];
}

/** Writes down which services this process sees in trouble. */
async function noteTrouble({ router, breakers, database, world }: Context): Promise<void> {
  for (const name of router.names) {
    const provider = router.get(name);
    const kept = provider ? lastingName(provider) : name;
    if (!breakers.isOpen(kept)) continue;
    const trouble = breakers.isResting(kept) ? "resting" : "account";
    await noteOutage(database.db, { service: provider?.label ?? name, trouble, now: world.now() });
  }
}

async function tellOutages(context: Context, listeners: readonly Listener[]): Promise<void> {
  const now = context.world.now();
  for (const outage of await outages(context.database.db)) {
    const { service, trouble, beganAt: since, seenAt, alerted } = outage;
    if (now - seenAt >= quietMs) await tellOver(context, listeners, outage);
    else if (!alerted && seenAt - since >= settledMs) {
      await context.database.transaction(async (trx) => {
        await addForAll(trx, context, listeners, { code: "service", service, trouble, since });
        await markAlerted(trx, service);
      });
    }
  }
}

/** Only those who heard of it hear that it is over. */
async function tellOver(context: Context, listeners: readonly Listener[], outage: Outage): Promise<void> {
  const { service, beganAt: since, alerted } = outage;
  await context.database.transaction(async (trx) => {
    if (!(await endOutage(trx, outage)) || !alerted) return;
    await addForAll(trx, context, listeners, { code: "service-over", service, since });
  });
}

type OfService = Extract<Alert, { readonly service: string; readonly since: number }>;

async function addForAll(trx: Trx, context: Context, listeners: readonly Listener[], alert: OfService): Promise<void> {
  const notice = noticeOf(`${alert.code}:${alert.service}:${alert.since}`, alert);
  for (const listener of listeners) await add(trx, context, listener, notice);
}

async function budgetAlerts(context: Context, { channel, isOperator }: Listener): Promise<Notice[]> {
  const { database, world } = context;
  const now = world.now();
  if (isOperator) {
    const spent = await spentSince(database.db, { since: startOfDay(now), payers: "operator" });
    const period = { scope: "global", start: startOfDay(now), renewsAt: startOfNextDay(now) } as const;
    return reached({ spent, limit: context.globalDaily, ...period });
  }
  const { tenant } = channel;
  const [operator, rules] = await Promise.all([operatorSettingsOf(database.db), rulesOf(database.db, tenant)]);
  const since = startOfMonth(now);
  const spent = await spentSince(database.db, { since, tenant, payers: "all" });
  const own = spent - (await spentSince(database.db, { since, tenant, payers: "operator" }));
  const hard = strictest(context.tenantMonthly, operator.tenantMonthly[tenant]);
  // The operator's limit leaves out what the tenant pays itself.
  const isHard = hard !== undefined && (rules.monthly === undefined || hard + own < rules.monthly);
  const counted = isHard ? { spent: spent - own, limit: hard } : { spent, limit: rules.monthly };
  return reached({ ...counted, scope: "tenant", start: since, renewsAt: startOfNextMonth(now) });
}

interface Budget {
  readonly spent: Credits;
  readonly limit: Credits | undefined;
  readonly scope: "tenant" | "global";
  readonly start: number;
  readonly renewsAt: number;
}

/** Once everything is spent, nothing is said of 80 percent any more. */
function reached({ spent, limit, scope, start, renewsAt }: Budget): Notice[] {
  if (limit === undefined || limit === 0) return [];
  const percent = spent >= limit ? 100 : spent * 5 >= limit * 4 ? 80 : undefined;
  if (percent === undefined) return [];
  return [noticeOf(`budget:${scope}:${start}:${percent}`, { code: "budget", percent, scope, limit, renewsAt })];
}

async function ownBills({ database }: Context, { channel, isOperator }: Listener): Promise<readonly OpenBill[]> {
  return isOperator ? [] : openBills(database.db, mostBills, channel.tenant);
}

/** Said once of each trouble of a key, to those who gave it alone. */
async function keyAlerts({ keys, router }: Context, { channel, isOperator }: Listener): Promise<Notice[]> {
  if (isOperator) return [];
  return (await keys.list(channel.tenant)).flatMap((key) => {
    const trouble = key.isReadable ? key.trouble : "unreadable";
    if (trouble === null) return [];
    const service = router.get(key.service)?.label ?? key.service;
    const since = trouble === "unreadable" ? 0 : key.trouble_at;
    return noticeOf(`own-key:${key.id}:${trouble}:${since}`, { code: "own-key", service, trouble });
  });
}

/** Said once a day while there are new ones. */
function unknownAlerts(all: readonly OpenBill[], { channel, isOperator }: Listener, now: number): Notice[] {
  const bills = all.filter(({ tenant }) => isOperator || tenant === channel.tenant);
  const newest = Math.max(0, ...bills.map(({ ended_at }) => ended_at ?? 0));
  if (newest < startOfDay(now)) return [];
  const estimate = bills.reduce((sum, bill) => sum + (bill.estimate ?? 0), 0);
  return [noticeOf(`unknown:${startOfDay(newest)}`, { code: "unknown", count: bills.length, estimate })];
}

const noticeOf = (key: string, alert: Alert): Notice => ({ key, kind: "alert", facts: alert });

async function tell(context: Context, listener: Listener, notices: readonly Notice[]): Promise<void> {
  const { database } = context;
  const known = await knownMessages(
    database.db,
    notices.map(({ key }) => idOf(listener, key)),
  );
  const fresh = notices.filter(({ key }) => !known.has(idOf(listener, key)));
  if (fresh.length === 0) return;
  await database.transaction(async (trx) => {
    for (const notice of fresh) await add(trx, context, listener, notice);
  });
}

type Trx = Parameters<Parameters<Context["database"]["transaction"]>[0]>[0];

async function add(trx: Trx, { world }: Context, listener: Listener, { key, kind, facts }: Notice): Promise<void> {
  const { channel, isOperator } = listener;
  const message = { ...channel, id: idOf(listener, key), kind, subject: isOperator ? "" : channel.tenant };
  await addChannelMessage(trx, { ...message, facts, now: world.now() });
}

/** A tenant that names another channel in the middle of a period hears nothing twice. */
function idOf({ channel: { tenant, channel }, isOperator }: Listener, key: string): string {
  return isOperator ? `alert:operator:${tenant}:${channel}:${key}` : `alert:${tenant}:${key}`;
}
