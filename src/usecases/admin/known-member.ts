import type { Context } from "../../context.ts";
import { Refusal } from "../../errors.ts";

/** As platforms name members. */
const shapes = /^(discord:\d{1,25}|slack:\w{1,40}:\w{1,40}|web:[\w-]{1,60})$/;

/** Requires that a member was here, or could be. Throws `member-unknown`. */
export async function requireMember({ database: { db } }: Context, member: string): Promise<void> {
  if (shapes.test(member)) return;
  const account = await db.selectFrom("account").select("id").where("id", "=", `member:${member}`).executeTakeFirst();
  const forgotten = member.startsWith("erased:");
  if (!account || forgotten) throw new Refusal("member-unknown", { member: member.slice(0, 80) });
}
