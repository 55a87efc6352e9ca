import { type Kysely, sql } from "kysely";

/** Credits that come from shops and memberships outside, once for each key, and can be taken back. */
export const outsideGrants = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table outside_grant (
    key text primary key, source text not null, member text not null, amount bigint not null check (amount > 0),
    note text not null, at bigint not null, reversed_at bigint,
    taken_back bigint not null default 0 check (taken_back between 0 and amount))`,
  "create index outside_grant_member on outside_grant (member)",
  "drop view v_bad_transfer",
  "drop view v_bad_orphan",
  `create view v_bad_transfer as
    select id as subject, kind || ': ' || debit || ' to ' || credit as detail from transfer
    where not case kind
      when 'top-up' then debit = 'ops:issued' and credit like 'member:%'
      when 'grant' then debit = 'ops:issued' and credit like 'member:%'
      when 'reversal' then debit like 'member:%' and credit = 'ops:issued'
      when 'hold' then debit like 'member:%' and credit = 'held:' || substr(debit, 8)
      when 'release' then debit like 'held:%' and credit = 'member:' || substr(debit, 6)
      when 'capture' then debit like 'held:%' and credit = 'ops:revenue'
      when 'spend' then debit = 'ops:funds' and credit like 'provider:%'
      when 'unknown' then debit = 'ops:funds' and credit like 'ops:unknown:%'
      when 'billed' then debit like 'ops:unknown:%' and credit = 'provider:' || substr(debit, 13)
      when 'not-billed' then debit like 'ops:unknown:%' and credit = 'ops:funds'
      when 'goodwill' then debit = 'ops:goodwill' and credit = 'ops:revenue'
      else false end`,
  `create view v_bad_orphan as
    select id as subject, kind || ' of ' || coalesce('job ' || job, 'no job') as detail from transfer t
    where kind not in ('top-up', 'grant', 'reversal') and not exists (select 1 from job j where j.id = t.job)`,
  `create view v_bad_outside_grant as
    select g.key as subject, 'gave ' || g.amount || ', booked ' || coalesce(given.amount, 0) || '; took back '
      || g.taken_back || ', booked ' || coalesce(taken.amount, 0) as detail
    from outside_grant g left join transfer given on given.idem = 'grant:outside:' || g.key
      left join transfer taken on taken.idem = 'reversal:outside:' || g.key
    where coalesce(given.amount, 0) <> g.amount or coalesce(taken.amount, 0) <> g.taken_back`,
];
