import type { Db } from "../store/connection.ts";

/** The job whose images a message shows. */
export async function jobOfPosted(db: Db, message: string): Promise<string | undefined> {
  const row = await db.selectFrom("posted_message").select("job").where("message", "=", message).executeTakeFirst();
  return row?.job;
}

/** The messages that show images of a job. */
export async function postedOf(db: Db, job: string): Promise<string[]> {
  const rows = await db
    .selectFrom("posted_message")
    .select("message")
    .where("job", "=", job)
    .orderBy("message")
    .execute();
  return rows.map(({ message }) => message);
}
