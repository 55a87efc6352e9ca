import type { AlertChannel } from "../contract/alerts.ts";
import {
  type MemberSettings,
  noOperatorSettings,
  type OperatorSettings,
  openRules,
  type TenantRules,
} from "../contract/settings.ts";
import type { Db, Trx } from "../store/connection.ts";
import { readSetting, readSettings, writeSetting } from "../store/settings.ts";

export const operatorId = "operator";
export const tenantId = (tenant: string) => `tenant:${tenant}`;
export const memberId = (member: string) => `member:${member}`;

/** Everything that is set where a member asks for something. */
export interface Settings {
  readonly operator: OperatorSettings;
  readonly rules: TenantRules;
  readonly member: MemberSettings;
}

/** Reads all settings that count for a member in a tenant, in one query. */
export async function settingsFor(
  db: Db | Trx,
  { tenant, member }: { readonly tenant: string; readonly member: string },
): Promise<Settings> {
  const found = await readSettings(db, [operatorId, tenantId(tenant), memberId(member)]);
  return {
    operator: { ...noOperatorSettings, ...(found.get(operatorId) as Partial<OperatorSettings> | undefined) },
    rules: { ...openRules, ...(found.get(tenantId(tenant)) as Partial<TenantRules> | undefined) },
    member: (found.get(memberId(member)) as MemberSettings | undefined) ?? {},
  };
}

/** Reads the settings that the operator changed while the bot runs. */
export async function operatorSettingsOf(db: Db | Trx): Promise<OperatorSettings> {
  return { ...noOperatorSettings, ...(await readSetting<Partial<OperatorSettings>>(db, operatorId)) };
}

/** The rules of a tenant; open where nobody set any. */
export async function rulesOf(db: Db | Trx, tenant: string): Promise<TenantRules> {
  return { ...openRules, ...(await readSetting<Partial<TenantRules>>(db, tenantId(tenant))) };
}

/** Does a rule of this tenant, or an allowance of the operator, name one of its roles? */
export async function namesRoles(db: Db | Trx, tenant: string): Promise<boolean> {
  const { roles, approval } = await rulesOf(db, tenant);
  if (roles.length > 0 || (approval?.approvers ?? []).some((key) => key.startsWith(`${tenant}/`))) return true;
  const { allowances } = await operatorSettingsOf(db);
  return Object.keys(allowances).some((role) => role.startsWith(`${tenant}/`));
}

/** Reads the settings of a member. */
export async function memberSettingsOf(db: Db | Trx, member: string): Promise<MemberSettings> {
  return (await readSetting<Partial<MemberSettings>>(db, memberId(member))) ?? {};
}

/** Locks a document until the transaction ends: what is read now is still true when it is written. */
export async function lockDocument(trx: Trx, id: string, now: number): Promise<void> {
  await trx
    .insertInto("setting")
    .values({ id, value: "{}", changed_at: now })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  await trx
    .updateTable("setting")
    .set((e) => ({ changed_at: e.ref("changed_at") }))
    .where("id", "=", id)
    .execute();
}

/** Changes the settings of the operator; two changes at once do not lose each other. */
export async function changeOperatorSettings(
  trx: Trx,
  now: number,
  change: (before: OperatorSettings) => OperatorSettings,
): Promise<void> {
  await lockDocument(trx, operatorId, now);
  await writeSetting(trx, operatorId, change(await operatorSettingsOf(trx)), now);
}

/** Changes the rules of a tenant likewise, and gives the changed ones. */
export async function changeTenantRules(
  trx: Trx,
  now: number,
  tenant: string,
  change: (before: TenantRules) => Partial<TenantRules>,
): Promise<Partial<TenantRules>> {
  await lockDocument(trx, tenantId(tenant), now);
  const before = await rulesOf(trx, tenant);
  const changed = change(before);
  await writeSetting(trx, tenantId(tenant), { ...before, ...changed }, now);
  return changed;
}

export async function forgetDocument(db: Db | Trx, id: string): Promise<void> {
  await db.deleteFrom("setting").where("id", "=", id).execute();
}

/** The channels that tenants named for their alerts. */
export async function alertChannelsOf(db: Db): Promise<readonly AlertChannel[]> {
  const rows = await db
    .selectFrom("setting")
    .select("value")
    .where("id", "like", "tenant:%")
    .where("value", "like", '%"alerts":{%')
    .orderBy("id")
    .execute();
  return rows.flatMap(({ value }) => (JSON.parse(value) as Partial<TenantRules>).alerts ?? []);
}
