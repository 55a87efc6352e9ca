import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";

/**
 * Keys that tenants brought for services, sealed, and who pays the service for a job: the operator, or its tenant by such a
 * key. The running figures of budgets keep the two apart: `part` is 16 and more for what tenants pay.
 */
export const tenantKeys = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...spending(engine), ...views]) await sql.raw(statement).execute(db);
  },
});

const tables = [
  "alter table job add column payer text not null default 'operator' check (payer in ('operator', 'tenant'))",
  // The key by which a call is made, and asked for later on; null where it is the operator's.
  "alter table attempt add column tenant_key text",
  "create index attempt_tenant_key on attempt (tenant_key) where tenant_key is not null and phase = 'sending'",
  "create index job_own_queued on job (id) where state = 'queued' and payer = 'tenant'",
  // A removed one stays only until the last call that was sent by it has ended.
  `create table tenant_key (
    id text primary key, tenant text not null, service text not null, sealed text not null, added_at bigint not null,
    added_by text not null, added_name text not null, removed_at bigint, trouble text, trouble_at bigint)`,
  "create unique index tenant_key_in_use on tenant_key (tenant, service) where removed_at is null",
  "create index tenant_key_added_by on tenant_key (added_by)",
];

/** As in 0005-unpaid.ts. */
const worth = (row: string) =>
  `(case when ${row}.state in ('failed', 'cancelled') then 0 else coalesce(${row}.charged, ${row}.held) + ${row}.goodwill end)`;

const day = "new.created_at / 86400000";
const difference = `${worth("new")} - ${worth("old")}`;
const ofPayer = "case new.payer when 'tenant' then 16 else 0 end";

const add = (amount: string, part: string) => `
  insert into daily_spending (tenant, day, part, amount) values (new.tenant, ${day}, ${part}, ${amount})
    on conflict (tenant, day, part) do update set amount = daily_spending.amount + excluded.amount;`;

const partOfMember = `(hashtext(new.member) & 15) + ${ofPayer}`;

const spending = (engine: Engine) =>
  engine === "sqlite"
    ? [
        "drop trigger job_spending_first",
        "drop trigger job_spending_then",
        `create trigger job_spending_first after insert on job begin ${add(worth("new"), ofPayer)} end`,
        `create trigger job_spending_then after update of state, charged, held, goodwill on job
          when ${worth("new")} <> ${worth("old")} begin ${add(difference, ofPayer)} end`,
      ]
    : [
        `create or replace function job_spending() returns trigger language plpgsql as $$ begin
          if tg_op = 'INSERT' then ${add(worth("new"), partOfMember)} else ${add(difference, partOfMember)} end if;
          return null; end $$`,
      ];

const views = [
  "drop view v_bad_transfer",
  // As in 0016-outside-grants.ts, with the accounts of what tenants pay by keys of their own.
  `create view v_bad_transfer as
    select id as subject, kind || ': ' || debit || ' to ' || credit as detail from transfer
    where not case kind
      when 'top-up' then debit = 'ops:issued' and credit like 'member:%'
      when 'grant' then debit = 'ops:issued' and credit like 'member:%'
      when 'reversal' then debit like 'member:%' and credit = 'ops:issued'
      when 'hold' then debit like 'member:%' and credit = 'held:' || substr(debit, 8)
      when 'release' then debit like 'held:%' and credit = 'member:' || substr(debit, 6)
      when 'capture' then debit like 'held:%' and credit in ('ops:revenue', 'ops:tenant-revenue')
      when 'spend' then (debit = 'ops:funds' and credit like 'provider:%')
        or (debit = 'ops:tenant-funds' and credit like 'own-keys:%')
      when 'unknown' then (debit = 'ops:funds' and credit like 'ops:unknown:%')
        or (debit = 'ops:tenant-funds' and credit like 'ops:tenant-unknown:%')
      when 'billed' then (debit like 'ops:unknown:%' and credit = 'provider:' || substr(debit, 13))
        or (debit like 'ops:tenant-unknown:%' and credit = 'own-keys:' || substr(debit, 20))
      when 'not-billed' then (debit like 'ops:unknown:%' and credit = 'ops:funds')
        or (debit like 'ops:tenant-unknown:%' and credit = 'ops:tenant-funds')
      when 'goodwill' then (debit = 'ops:goodwill' and credit = 'ops:revenue')
        or (debit = 'ops:tenant-goodwill' and credit = 'ops:tenant-revenue')
      else false end`,
  `create view v_bad_payer as
    select a.id as subject, 'its job is paid by the ' || j.payer || ', it was made by the key of the '
      || case when a.tenant_key is null then 'operator' else 'tenant' end as detail
    from attempt a join job j on j.id = a.job where (j.payer = 'tenant') <> (a.tenant_key is not null)
    union all
    select t.id, t.kind || ' from ' || t.debit || ' to ' || t.credit || ', the job is paid by the ' || j.payer
    from transfer t join job j on j.id = t.job
    where t.kind in ('capture', 'spend', 'unknown', 'billed', 'not-billed', 'goodwill') and (j.payer = 'tenant')
      <> (t.debit like 'ops:tenant-%' or t.credit like 'ops:tenant-%')`,
];
