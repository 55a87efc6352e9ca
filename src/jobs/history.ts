import { sql } from "kysely";
import type { Db } from "../store/connection.ts";
import type { JobRow } from "../store/tables.ts";
import { type Job, jobFrom } from "./job.ts";

export interface Search {
  readonly limit: number;
  /** All of them are in the prompt, in any order and case. */
  readonly words: readonly string[];
  /** Only jobs made before this one. */
  readonly before?: string | undefined;
}

/** Looked at together. */
const pageLength = 200;

/** A member's jobs, newest first; those whose content was deleted are left out. */
export async function searchJobs(db: Db, member: string, { limit, words, before }: Search): Promise<Job[]> {
  const found: Job[] = [];
  const folded = words.map(fold);
  for (let last = before; found.length < limit; ) {
    const page = await candidates(db, member, words, last);
    found.push(...page.filter(({ request }) => folded.every((word) => fold(request.prompt).includes(word))));
    last = page.at(-1)?.id;
    if (page.length < pageLength) break;
  }
  return found.slice(0, limit);
}

/** Jobs whose request may hold the words: the engines know the two cases of few letters, so this only narrows down. */
async function candidates(db: Db, member: string, words: readonly string[], before?: string): Promise<Job[]> {
  const likely = words.map((word) => sql` and lower(request) like ${patternOf(word)} escape '!'`);
  const { rows } = await sql<JobRow>`
    select * from job where member = ${member} and erased_at is null
    ${before === undefined ? sql`` : sql` and id < ${before}`} ${sql.join(likely, sql``)}
    order by id desc limit ${sql.lit(pageLength)}`.execute(db);
  return rows.map(jobFrom);
}

/** `%word%` as it stands in the request's JSON; a letter that has cases and is not ASCII is any letter. */
function patternOf(word: string): string {
  const quoted = JSON.stringify(word).slice(1, -1).toLowerCase().replace(/[!%_]/g, "!$&");
  return `%${[...quoted].map((letter) => (isPlain(letter) ? letter : "%")).join("")}%`;
}

function isPlain(letter: string): boolean {
  return /^[\x20-\x7e]$/.test(letter) || letter.toUpperCase() === letter.toLowerCase();
}

function fold(text: string): string {
  return text.toUpperCase().toLowerCase();
}
