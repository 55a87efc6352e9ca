import type { Context } from "../context.ts";
import type { Digest } from "../contract/alerts.ts";
import { memberNames, usageBy, usageByMember } from "../jobs/usage.ts";

const dayMs = 86_400_000;
const mostLines = 10;
/** Enough to find some who have a name still. */
const mostMembers = 200;

/** A week of one tenant; of all, where none is named. */
export interface Week {
  readonly since: number;
  readonly until: number;
  readonly tenant: string | undefined;
}

/** Adds up a week; undefined when nothing was asked for in it. Names only members who have one still. */
export async function digestOf({ database }: Context, week: Week): Promise<Digest | undefined> {
  const { since, until } = week;
  const db = database.reports;
  const { day: days, provider } = await usageBy(db, week, mostLines);
  if (days.length === 0) return undefined;
  const [members, names] = await Promise.all([
    usageByMember(database, week, mostMembers),
    memberNames(db, week.tenant),
  ]);
  const named = members.map(({ name, images, charged }) => ({ name: names.get(name), images, charged }));
  const first = named.filter(({ name }) => name !== undefined).slice(0, mostLines);
  const [images, charged] = [sumOf(days, "images"), sumOf(days, "charged")];
  const others = {
    name: undefined,
    images: images - sumOf(first, "images"),
    charged: charged - sumOf(first, "charged"),
  };
  return {
    ...{ since, until, jobs: sumOf(days, "jobs"), images, charged },
    members: members.length > first.length ? [...first, others] : first,
    services: provider.map(({ name, images, charged }) => ({ name, images, charged })),
    days: Array.from({ length: 7 }, (_, day) => {
      const number = String(Math.floor(since / dayMs) + day);
      return days.find(({ name }) => name === number)?.charged ?? 0;
    }),
  };
}

function sumOf<Key extends string>(lines: readonly { readonly [K in Key]: number }[], key: Key): number {
  return lines.reduce((sum, line) => sum + line[key], 0);
}
