import { Router } from "express";
import type { AdminUseCases, Caller, JobState } from "../../../contract/usecases.ts";
import { singleFlight } from "../../../flow/single-flight.ts";
import { dashboardTextFor } from "../../../text/dashboard.ts";
import { playgroundTextFor } from "../../../text/playground.ts";
import { languageOf } from "../../../text/text.ts";
import type { LedgerFinding, PlatformContext } from "../../platform.ts";
import { localeOf } from "../caller.ts";
import { Problem } from "../problem.ts";
import { operatorOf } from "./caller.ts";
import { daysQuery, jobFilter, queryOf, searchQuery, tenantQuery } from "./queries.ts";

const pageOfJobs = 50;
const pageOfEntries = 200;
/** More than this are not counted one by one. */
const mostCounted = 100;
/** Tenants in which something was asked for since then are offered; others by their key. */
const recentDays = 30;

/** Makes the routes that the dashboard's page reads; they change nothing. */
export function createReads({ usecases, world, audit }: PlatformContext): Router {
  const { admin } = usecases;
  const router = Router();
  router.get("/me", (req, res) => {
    const locale = localeOf(req);
    res.json({ language: languageOf(locale), words: wordsOf(locale), audit: audit !== undefined });
  });
  router.get("/overview", async (req, res) =>
    res.json({ now: world.now(), ...(await overview(admin, operatorOf(req))) }),
  );
  router.get("/jobs", async (req, res) => {
    const jobs = await admin.jobs({ ...queryOf(req, jobFilter), limit: pageOfJobs }, operatorOf(req));
    res.json({ jobs, more: jobs.length === pageOfJobs });
  });
  router.get("/jobs/:id", async (req, res) => res.json(await admin.inspect(req.params.id, operatorOf(req))));
  router.get("/usage", async (req, res) => {
    res.json({ now: world.now(), ...(await admin.usage(queryOf(req, daysQuery).days, operatorOf(req))) });
  });
  router.get("/members", async (req, res) => {
    res.json(await admin.members(queryOf(req, searchQuery).search, operatorOf(req)));
  });
  router.get("/unknown", async (req, res) => res.json(await admin.unknown(operatorOf(req))));
  router.get("/tenant", async (req, res) => {
    res.json(await tenant(admin, operatorOf(req, queryOf(req, tenantQuery).tenant)));
  });
  router.get("/audit-log", async (req, res) => res.json(await admin.auditLog(pageOfEntries, operatorOf(req))));
  const auditOnce = singleFlight<readonly LedgerFinding[]>();
  router.get("/audit", async (_req, res) => {
    if (!audit) throw new Problem(404, "noFile");
    res.json({ at: world.now(), findings: await auditOnce("audit", audit) });
  });
  return router;
}

/** The dashboard's words, and those that every page has for what goes wrong on the way. */
function wordsOf(locale: string) {
  return { ...dashboardTextFor(locale), request: playgroundTextFor(locale).request };
}

async function overview(admin: AdminUseCases, caller: Caller) {
  const count = async (state: JobState) => (await admin.jobs({ state, limit: mostCounted }, caller)).length;
  const [queued, running, delivering] = await Promise.all([count("queued"), count("running"), count("delivering")]);
  const { paused } = await admin.operatorSettings(caller);
  const today = await admin.usageToday(caller);
  const unknown = (await admin.unknown(caller)).length;
  const draws = await admin.draws(caller);
  return { queued, running, delivering, paused, draws, today, unknown, providers: await admin.providers(caller) };
}

/** One tenant's rules and limits, and which others there are. */
async function tenant(admin: AdminUseCases, caller: Caller) {
  const month = await admin.month(caller);
  const settings = await admin.operatorSettings(caller);
  const known = [...(await admin.tenants(recentDays, caller)), ...Object.keys(settings.tenantMonthly), caller.tenant];
  const roles = Object.entries(settings.allowances).filter(([role]) => role.startsWith(`${caller.tenant}/`));
  return {
    tenant: caller.tenant,
    tenants: [...new Set(known)],
    rules: await admin.rules(caller),
    month,
    hardLimit: settings.tenantMonthly[caller.tenant],
    allowances: roles.map(([role, daily]) => ({ role, daily })),
  };
}
