import { worth } from "./0002-spent.ts";

/**
 * Find what must never be: each view is empty as long as the ledger is right, and gives (subject, detail) for whatever is
 * wrong. One text for both engines. Jobs whose content was erased keep their states and their money.
 */
export const views: Readonly<Record<string, string>> = {
  v_bad_total: `
    select 'ledger' as subject, 'all accounts together hold ' || total as detail
    from (select coalesce(sum(balance), 0) as total from account) t where total <> 0`,
  v_bad_balance: `
    select a.id as subject, 'holds ' || a.balance || ', its transfers say ' || coalesce(t.moved, 0) as detail
    from account a left join (
      select account, sum(amount) as moved from (
        select credit as account, amount from transfer union all select debit as account, -amount as amount from transfer) m
      group by account) t on t.account = a.id
    where a.balance <> coalesce(t.moved, 0)`,
  v_bad_below_zero: `
    select id as subject, 'holds ' || balance as detail from account where balance < 0 and id not like 'ops:%'`,
  v_bad_transfer: `
    select id as subject, kind || ': ' || debit || ' to ' || credit as detail from transfer
    where not case kind
      when 'top-up' then debit = 'ops:issued' and credit like 'member:%'
      when 'grant' then debit = 'ops:issued' and credit like 'member:%'
      when 'hold' then debit like 'member:%' and credit = 'held:' || substr(debit, 8)
      when 'release' then debit like 'held:%' and credit = 'member:' || substr(debit, 6)
      when 'capture' then debit like 'held:%' and credit = 'ops:revenue'
      when 'spend' then debit = 'ops:funds' and credit like 'provider:%'
      when 'unknown' then debit = 'ops:funds' and credit like 'ops:unknown:%'
      when 'billed' then debit like 'ops:unknown:%' and credit = 'provider:' || substr(debit, 13)
      when 'not-billed' then debit like 'ops:unknown:%' and credit = 'ops:funds'
      when 'goodwill' then debit = 'ops:goodwill' and credit = 'ops:revenue'
      else false end`,
  v_bad_orphan: `
    select id as subject, kind || ' of ' || coalesce('job ' || job, 'no job') as detail from transfer t
    where kind not in ('top-up', 'grant') and not exists (select 1 from job j where j.id = t.job)`,
  v_bad_hold: `
    select j.id as subject, 'should hold ' || j.held || ', held ' || coalesce(h.amount, 0) || ' in ' || coalesce(h.n, 0)
      || ' holds' as detail
    from job j left join (
      select job, count(*) as n, sum(amount) as amount from transfer where kind = 'hold' group by job) h on h.job = j.id
    where coalesce(h.amount, 0) <> j.held or coalesce(h.n, 0) <> case when j.held > 0 then 1 else 0 end`,
  v_bad_end: `
    select id as subject, state || ': held ' || held || ', captured ' || captured || ', released ' || released
      || ', charged ' || coalesce(cast(charged as text), 'nothing') as detail
    from (
      select j.id, j.state, j.held, j.charged, coalesce(m.captured, 0) as captured, coalesce(m.released, 0) as released
      from job j left join (
        select job, sum(case when kind = 'capture' then amount else 0 end) as captured,
          sum(case when kind = 'release' then amount else 0 end) as released
        from transfer where kind in ('capture', 'release') group by job) m on m.job = j.id) ended
    where not case
      when state = 'delivered' then captured = coalesce(charged, 0) and captured + released = held
      when state = 'delivering' then captured = 0 and released in (0, held)
      when state in ('queued', 'running') then captured = 0 and released = 0
      else captured = 0 and released = held end`,
  v_bad_delivery: `
    select j.id as subject, j.state || ', its delivery ' || coalesce(d.phase || coalesce(' to ' || d.route, ''), 'missing')
      as detail
    from job j left join delivery d on d.job = j.id
    where case j.state
      when 'delivered' then d.phase is null or d.phase <> 'confirmed' or d.route = 'none'
      when 'delivering' then d.phase is null or d.phase = 'confirmed'
      when 'undeliverable' then d.phase is null or d.phase <> 'confirmed'
      when 'failed' then false
      else d.phase = 'confirmed' end`,
  v_bad_images: `
    select j.id as subject, j.state || ' with ' || coalesce(a.n, 0) || ' images' as detail
    from job j left join (select job, count(*) as n from artifact group by job) a on a.job = j.id
    where case when j.state in ('delivering', 'delivered', 'undeliverable') then a.n is null and j.erased_at is null
      else a.n is not null end`,
  v_bad_artifact: `
    select f.job as subject, 'image ' || f.idx || ' comes from a call of job ' || a.job as detail
    from artifact f join attempt a on a.id = f.attempt where a.job <> f.job`,
  v_bad_sending: `
    select a.job as subject, count(*) || ' calls under way, job ' || j.state as detail
    from attempt a join job j on j.id = a.job where a.phase = 'sending'
    group by a.job, j.state having count(*) > 1 or j.state <> 'running'`,
  v_bad_resent: `
    select later.job as subject, 'call ' || later.n || ' was sent after call ' || a.n || ', whose outcome is open' as detail
    from attempt a join attempt later on later.job = a.job and later.n > a.n
    where (a.outcome = 'unknown' or a.phase = 'sending') and later.sent_at is not null`,
  v_bad_unknown: `
    select a.id as subject, 'unknown outcome of ' || a.estimate || ' credits, not booked' as detail from attempt a
    where a.phase = 'ended' and a.outcome = 'unknown' and a.estimate > 0
      and not exists (select 1 from transfer t where t.idem = 'unknown:' || a.id)`,
  v_bad_settled: `
    select a.id as subject, 'settled ' || coalesce(a.settled, 'by nobody') || ', booked '
      || coalesce(s.kind || ' ' || s.amount, 'nothing') || ' of ' || coalesce(cast(u.amount as text), 'nothing') as detail
    from attempt a left join transfer u on u.idem = 'unknown:' || a.id left join transfer s on s.idem = 'settled:' || a.id
    where (s.id is not null and (u.id is null or s.amount <> u.amount or s.kind <> coalesce(a.settled, s.kind)
        or (a.settled is null and a.outcome = 'unknown')))
      or (a.settled is not null and u.id is not null and s.id is null)`,
  v_bad_spend: `
    select a.id as subject, a.outcome || ', spend booked ' || case when p.id is null then 'never' else 'twice' end as detail
    from attempt a left join transfer p on p.idem = 'spend:' || a.id
      left join transfer u on u.idem = 'unknown:' || a.id left join transfer s on s.idem = 'settled:' || a.id
    where a.phase = 'ended' and ((p.id is not null and u.id is not null and coalesce(s.kind, '') <> 'not-billed')
      or (a.outcome in ('success', 'damaged') and a.estimate is not null and coalesce(a.cost, a.estimate) > 0
        and p.id is null and coalesce(s.kind, '') <> 'billed'))`,
  v_bad_spent: `
    select tenant as subject, 'day ' || day || ': the budget counts ' || sum(counted) || ', its jobs say ' || sum(owed)
      as detail
    from (
      select tenant, day, amount as counted, 0 as owed from spent
      union all select tenant, created_at / 86400000, 0, ${worth("job")} from job) compared
    group by tenant, day having sum(counted) <> sum(owed)`,
  v_bad_idle: `
    select id as subject, 'running, but nobody has it' as detail from job
    where state = 'running' and (lease_owner is null or lease_until is null)`,
  v_bad_state: `
    select id as subject, 'is ' || state as detail from job
    where state not in ('queued', 'running', 'delivering', 'delivered', 'undeliverable', 'failed', 'cancelled')`,
  v_bad_inbound: `
    select inbound as subject, count(*) || ' jobs' as detail from job group by inbound having count(*) > 1`,
};
