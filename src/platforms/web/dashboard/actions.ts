import { json, type Request, Router } from "express";
import { z } from "zod";
import type { Caller, TenantRules, UseCases } from "../../../contract/usecases.ts";
import type { PlatformContext } from "../../platform.ts";
import { Problem } from "../problem.ts";
import { requireRecentSignIn } from "../recent-sign-in.ts";
import { requestKey } from "../request-key.ts";
import { operatorOf } from "./caller.ts";
import { tenantKey } from "./queries.ts";

/** Something that an operator may do here; use cases have the better words for amounts and keys that are wrong. */
type Action = (body: unknown, usecases: UseCases, caller: Caller) => Promise<unknown>;

const member = z.string().trim().max(200);
const limit = z.number().nullable();
const ofJob = z.object({ job: z.string().max(64) });
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
    .strictObject({
      size: word,
      quality: word,
      count: limit,
      format: word,
      background: word,
      compression: limit,
      fidelity: word,
      drafts: z.boolean().nullable(),
      provider: word,
    })
    .partial()
    .optional(),
});

/** Stopping what costs money must never wait for a password. */
const stops = ["cancel", "pause"];

const actions: Readonly<Record<string, Action>> = {
  cancel: action(ofJob, ({ job }, usecases, caller) => usecases.cancel(job, caller)),
  grant: action(z.object({ member, amount: z.number() }), (given, { admin }, caller) =>
    admin.grant(given.member, given.amount, caller),
  ),
  limit: action(z.object({ member, daily: limit }), (given, { admin }, caller) => admin.limit(given, caller)),
  block: action(z.object({ member, blocked: z.boolean() }), (given, { admin }, caller) =>
    admin.block(given.member, given.blocked, caller),
  ),
  settle: action(z.object({ attempt: z.string().max(64), billed: z.boolean() }), (given, { admin }, caller) =>
    admin.settle(given.attempt, given.billed, caller),
  ),
  approve: action(ofJob, ({ job }, { approvals }, caller) => approvals.decide(job, true, caller)),
  refuse: action(ofJob, ({ job }, { approvals }, caller) => approvals.decide(job, false, caller)),
  pause: action(z.object({ reason: z.string().trim().min(1).max(200) }), ({ reason }, { admin }, caller) =>
    admin.pause(reason, caller),
  ),
  resume: action(z.object({}), (_, { admin }, caller) => admin.pause(undefined, caller)),
  rules: action(z.object({ change: rulesChange }), ({ change }, { admin }, caller) =>
    admin.changeRules((before) => changed(before, change), caller),
  ),
  budget: action(z.object({ monthly: limit }), ({ monthly }, { admin }, caller) => admin.budget(monthly, caller)),
  allowance: action(z.object({ role: z.string().trim().max(200), daily: limit }), (given, { admin }, caller) =>
    admin.allowance(given.role, given.daily, caller),
  ),
};

/** `POST /actions/:name` with JSON; sent twice under one Idempotency-Key, it is done once. */
export function createActions({ usecases, world }: PlatformContext): Router {
  const router = Router();
  router.post("/actions/:name", json({ limit: "256kb" }), async (req, res) => {
    const { name } = req.params;
    const act = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!act) throw new Problem(404, "noCommand");
    if (!stops.includes(name)) requireRecentSignIn(res, world.now());
    await act(req.body, usecases, operatorOf(req, tenantOf(req), requestKey(req)));
    res.json({ done: true });
  });
  return router;
}

function action<Body>(
  shape: z.ZodType<Body>,
  run: (body: Body, usecases: UseCases, caller: Caller) => Promise<unknown>,
) {
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
