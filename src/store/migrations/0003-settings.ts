import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";

/** An open question as it stood in the settings. */
interface Question {
  readonly caller: { readonly member: string; readonly place: string };
  readonly askedAt: number;
  readonly request: {
    readonly references?: readonly { readonly file: string }[];
    readonly mask?: { readonly file: string };
  };
}

/** Moves what is no setting into tables of its own: open confirmations, flags, leases, installations, secrets. */
export async function moveSettings(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const whole = (key: string) =>
    engine === "sqlite" ? `json_extract(value, '$.${key}')` : `cast(cast(value as json) ->> '${key}' as bigint)`;
  const text = engine === "sqlite" ? "json_extract(value, '$')" : "cast(value as json) #>> '{}'";
  const moves = [
    `insert into leaving_member select substr(id, 9), ${whole("askedAt")} from setting where id like 'leaving:%'`,
    `insert into removed_tenant select substr(id, 6), ${whole("at")} from setting where id like 'gone:%'`,
    `insert into task_lease select id, coalesce(${whole("until")}, 0) from setting where id = 'retention'`,
    `insert into installation select substr(id, 14), ${text}, changed_at from setting where id like 'installation:%'`,
    `insert into secret select id, ${text}, changed_at from setting where id = 'link-key'`,
  ];
  for (const statement of moves) await sql.raw(statement).execute(db);
  await moveConfirmations(db);
  await sql`delete from setting where id in ('retention', 'link-key') or id like 'leaving:%' or id like 'gone:%'
    or id like 'installation:%' or id like 'question:%'`.execute(db);
}

/** They are open for an hour, so that there are few. */
async function moveConfirmations(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ id: string; value: string }>`
    select substr(id, 10) as id, value from setting where id like 'question:%'`.execute(db);
  for (const { id, value } of rows) {
    const question = JSON.parse(value) as Question;
    const { caller, askedAt, request } = question;
    const { place: replyTarget, ...asker } = caller;
    const document = JSON.stringify({ ...question, caller: { ...asker, replyTarget } });
    await sql`insert into confirmation (id, member, asked_at, document)
      values (${id}, ${caller.member}, ${askedAt}, ${document})`.execute(db);
    const inputs = [...(request.references ?? []), ...(request.mask ? [request.mask] : [])];
    for (const file of new Set(inputs.map((image) => image.file))) {
      await sql`insert into confirmation_input (confirmation, file) values (${id}, ${file})`.execute(db);
    }
  }
}
