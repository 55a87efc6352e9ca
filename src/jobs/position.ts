import { sql } from "kysely";
import type { Db } from "../store/connection.ts";

/** A queued job's place among all. */
export interface QueuePosition {
  /** How many jobs start before it, plus one, by the claim's own order. */
  readonly position: number;
  /** How many jobs of its member run or start before it, plus one. */
  readonly slot: number;
}

/** A queued job with all that its place is made of: the smallest slot is claimed first, then the smallest `retried`, and so on. */
export interface QueueEntry {
  readonly id: string;
  /** As in QueuePosition. */
  readonly slot: number;
  /** 1 when it was tried before, else 0. */
  readonly retried: number;
  /** When its member was served last, milliseconds since 1970; 0 for never. */
  readonly served: number;
}

/** The whole queue as it was at one moment, and jobs that came since. */
export class Ranking {
  /** In the order of claims. */
  readonly #entries: QueueEntry[];
  readonly #places: Map<string, QueuePosition>;

  constructor(entries: readonly QueueEntry[]) {
    this.#entries = [...entries];
    this.#places = new Map(entries.map(({ id, slot }, at) => [id, { position: at + 1, slot }]));
  }

  get size(): number {
    return this.#entries.length;
  }

  placeOf(id: string): QueuePosition | undefined {
    return this.#places.get(id);
  }

  /** Takes in a job that it does not know. Those that were there keep the places that were told. */
  add(entry: QueueEntry): QueuePosition {
    const at = this.#rankOf(entry);
    this.#entries.splice(at, 0, entry);
    const place = { position: at + 1, slot: entry.slot };
    this.#places.set(entry.id, place);
    return place;
  }

  /** How many are claimed before it. */
  #rankOf(entry: QueueEntry): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#entries[middle];
      if (other && isBefore(other, entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(one: QueueEntry, other: QueueEntry): boolean {
  const bySlot = one.slot - other.slot || one.retried - other.retried || one.served - other.served;
  return bySlot === 0 ? one.id < other.id : bySlot < 0;
}

const retried = sql`case when q.requeues > 0 then 1 else 0 end`;

/** Ranks all queued jobs in the order in which they are claimed. */
export async function rankQueue(db: Db): Promise<Ranking> {
  const { rows } = await sql<Record<keyof QueueEntry, string>>`
    with running as materialized (
      select member, count(*) as n from job where state = 'running' group by member
    ), ranked as (
      -- slot: how many jobs of the member would run with this one
      select q.id, coalesce(max(q.turn) over (partition by q.member), 0) as served, ${retried} as retried,
        coalesce(running.n, 0) + row_number() over (partition by q.member order by q.id) as slot
      from job q left join running on running.member = q.member where q.state = 'queued'
    )
    select id, slot, retried, served from ranked order by slot, retried, served, id`.execute(db);
  return new Ranking(rows.map(entryFrom));
}

/** Looks up one queued job, and no others than its member's; undefined when it is not in the queue. */
export async function entryOf(db: Db, id: string): Promise<QueueEntry | undefined> {
  const { rows } = await sql<Record<keyof QueueEntry, string>>`
    select q.id, ${retried} as retried,
      coalesce((select max(mine.turn) from job mine where mine.state = 'queued' and mine.member = q.member), 0) as served,
      (select count(*) from job busy where busy.state = 'running' and busy.member = q.member)
        + (select count(*) from job before where before.state = 'queued' and before.member = q.member and before.id < q.id)
        + 1 as slot
    from job q where q.id = ${id} and q.state = 'queued'`.execute(db);
  return rows.map(entryFrom)[0];
}

function entryFrom({ id, slot, retried, served }: Record<keyof QueueEntry, string>): QueueEntry {
  return { id, slot: Number(slot), retried: Number(retried), served: Number(served) };
}
