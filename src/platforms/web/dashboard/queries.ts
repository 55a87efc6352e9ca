import type { Request } from "express";
import { z } from "zod";
import { Problem } from "../problem.ts";

const states = [
  "awaiting",
  "queued",
  "running",
  "delivering",
  "delivered",
  "undeliverable",
  "failed",
  "cancelled",
] as const;

const key = z.string().trim().max(200);
const given = key.transform((text) => (text === "" ? undefined : text)).optional();

/** A guild, a workspace, or direct messages, as platforms name them. */
export const tenantKey = z.string().regex(/^[\w:.-]{1,120}$/);

/** The filter of the list of jobs; the page leaves out what does not matter. */
export const jobFilter = z.object({
  state: z.union([z.literal("").transform(() => undefined), z.enum(states)]).optional(),
  member: given,
  tenant: given,
  provider: given,
  before: given,
});

export const searchQuery = z.object({ search: given });
export const tenantQuery = z.object({ tenant: tenantKey.default("web") });
export const daysQuery = z.object({ days: z.coerce.number().default(30) });

/** Throws Problem when the query is not of this shape. */
export function queryOf<Query>(req: Request, shape: z.ZodType<Query>): Query {
  const query = shape.safeParse(req.query);
  if (!query.success) throw new Problem(400, "notUnderstood");
  return query.data;
}
