import { json, type Request, Router } from "express";
import { z } from "zod";
import type { Caller, TenantRules, UseCases } from "../../../contract/usecases.ts";
import type { PlatformContext } from "../../platform.ts";
import { Problem } from "../problem.ts";
import { requestKey } from "../request-key.ts";
import { operatorOf } from "./caller.ts";
import { tenantKey } from "./queries.ts";

/** What an operator may do here; use cases have the better words for amounts and keys that are wrong. */
type Action = (body: unknown, usecases: UseCases, caller: Caller) => Promise<unknown>;

const member = z.string().trim().max(200);
const limit = z.number().nullable();
const items = z.array(z.string().max(200)).max(1000);
const word = z.string().max(60).nullable();

/** Null unsets; what is absent stays. */
const rulesChange = z.strictObject({
  channels: items.optional(),
  roles: items.optional(),
  blockedMembers: items.optional(),
  blockedWords: items.optional(),
  memberDaily: limit.optional(),
  monthly: limit.optional(),
  spoiler: z.boolean().optional(),
  mature: z.boolean().optional(),
  defaults: z
    .strictObject({ size: word, quality: word, count: limit, format: word, provider: word })
    .partial()
    .optional(),
});

const deeds: Readonly<Record<string, Action>> = {
  cancel: deed(z.object({ job: z.string().max(64) }), ({ job }, usecases, caller) => usecases.cancel(job, caller)),
  grant: deed(z.object({ member, amount: z.number() }), (given, { admin }, caller) =>
    admin.grant(given.member, given.amount, caller),
  ),
  limit: deed(z.object({ member, daily: limit }), (given, { admin }, caller) => admin.limit(given, caller)),
  block: deed(z.object({ member, blocked: z.boolean() }), (given, { admin }, caller) =>
    admin.block(given.member, given.blocked, caller),
  ),
  settle: deed(z.object({ attempt: z.string().max(64), billed: z.boolean() }), (given, { admin }, caller) =>
    admin.settle(given.attempt, given.billed, caller),
  ),
  pause: deed(z.object({ reason: z.string().trim().min(1).max(200) }), ({ reason }, { admin }, caller) =>
    admin.pause(reason, caller),
  ),
  resume: deed(z.object({}), (_, { admin }, caller) => admin.pause(undefined, caller)),
  rules: deed(z.object({ change: rulesChange }), ({ change }, { admin }, caller) =>
    admin.changeRules((before) => changed(before, change), caller),
  ),
  budget: deed(z.object({ monthly: limit }), ({ monthly }, { admin }, caller) => admin.budget(monthly, caller)),
  allowance: deed(z.object({ role: z.string().trim().max(200), daily: limit }), (given, { admin }, caller) =>
    admin.allowance(given.role, given.daily, caller),
  ),
};

/** `POST /deeds/:name` with JSON; sent twice under one Idempotency-Key, it is done once. */
export function createDeeds({ usecases }: PlatformContext): Router {
  const router = Router();
  router.post("/deeds/:name", json({ limit: "256kb" }), async (req, res) => {
    const act = Object.hasOwn(deeds, req.params.name) ? deeds[req.params.name] : undefined;
    if (!act) throw new Problem(404, "noCommand");
    await act(req.body, usecases, operatorOf(req, tenantOf(req), requestKey(req)));
    res.json({ done: true });
  });
  return router;
}

function deed<Body>(shape: z.ZodType<Body>, run: (body: Body, usecases: UseCases, caller: Caller) => Promise<unknown>) {
  return (body: unknown, usecases: UseCases, caller: Caller): Promise<unknown> => {
    const parsed = shape.safeParse(body);
    if (!parsed.success) throw new Problem(400, "notUnderstood");
    return run(parsed.data, usecases, caller);
  };
}

function tenantOf({ body }: Pick<Request, "body">): string {
  const tenant = tenantKey.safeParse((body as { tenant?: unknown } | undefined)?.tenant ?? "web");
  if (!tenant.success) throw new Problem(400, "notUnderstood");
  return tenant.data;
}

/** JSON has no undefined, which is what unsets a rule. */
function changed(before: TenantRules, { defaults, ...change }: z.output<typeof rulesChange>): Partial<TenantRules> {
  const rules = withoutNulls(change);
  const all = defaults ? { ...rules, defaults: withoutNulls({ ...before.defaults, ...defaults }) } : rules;
  return all as Partial<TenantRules>; // the use case checks each of them
}

function withoutNulls(change: object): object {
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value ?? undefined]));
}
