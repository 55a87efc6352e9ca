import { type Kysely, sql } from "kysely";

/** Jobs that were asked for together, and are posted together. */
export const batches = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  // The id of the batch's first job, and the place in it, from 0.
  "alter table job add column batch text",
  "alter table job add column batch_index integer",
  "create index job_batch on job (batch, batch_index) where batch is not null",
  "drop view v_bad_delivery",
  // What was cancelled of a batch is told in the message of the batch.
  `create view v_bad_delivery as
    select j.id as subject, j.state || ', its delivery ' || coalesce(d.phase || coalesce(' to ' || d.route, ''), 'missing')
      as detail
    from job j left join delivery d on d.job = j.id
    where case
      when j.state = 'delivered' then d.phase is null or d.phase <> 'confirmed' or d.route = 'none'
      when j.state = 'delivering' then d.phase is null or d.phase = 'confirmed'
      when j.state = 'undeliverable' then d.phase is null or d.phase <> 'confirmed'
      when j.state = 'failed' or (j.state = 'cancelled' and j.batch is not null) then false
      else d.phase = 'confirmed' end`,
  `create view v_bad_batch as
    select j.id as subject, 'part ' || coalesce(cast(j.batch_index as text), 'without a number') || ' of ' || j.batch
      as detail
    from job j left join job first on first.id = j.batch
    where j.batch is not null and (j.batch_index is null or first.batch is null or first.batch <> first.id
      or first.tenant <> j.tenant or (first.member <> j.member and first.erased_at is null and j.erased_at is null))
    union all
    select min(id), count(*) || ' parts have the number ' || batch_index || ' of ' || batch
    from job where batch is not null group by batch, batch_index having count(*) > 1`,
];
