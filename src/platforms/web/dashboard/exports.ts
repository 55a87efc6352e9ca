import { type Request, type Response, Router } from "express";
import type { AdminJob, UsageLine } from "../../../contract/usecases.ts";
import type { PlatformContext } from "../../platform.ts";
import { operatorOf } from "./caller.ts";
import { csvLine } from "./csv.ts";
import { daysQuery, jobFilter, queryOf } from "./queries.ts";

const jobsAtOnce = 100;
const mostEntries = 10_000;

/** Usage, jobs and the audit log as CSV files; times in UTC, money in credits. */
export function createExports({ usecases: { admin }, world }: PlatformContext): Router {
  const router = Router();
  const begin = (res: Response, name: string) => {
    const day = new Date(world.now()).toISOString().slice(0, 10);
    const file = `attachment; filename="atelier-${name}-${day}.csv"`;
    res.set({ "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": file });
  };
  router.get("/usage.csv", async (req, res) => {
    const report = await admin.usage(queryOf(req, daysQuery).days, operatorOf(req));
    begin(res, "usage");
    const { byDay, byProvider, byTenant, byMember } = report;
    const tables = { day: byDay, service: byProvider, tenant: byTenant, member: byMember };
    const lines = Object.entries(tables).flatMap(([by, rows]) => rows.map((row) => usageLine(by, row)));
    res.send([csvLine(["by", "name", "jobs", "images", "charged", "spent"]), ...lines].join(""));
  });
  router.get("/audit-log.csv", async (req, res) => {
    const entries = await admin.auditLog(mostEntries, operatorOf(req));
    begin(res, "audit-log");
    const lines = entries.map(({ id, at, operator, name, tenant, subject, facts }) =>
      csvLine([id, utc(at), operator, name, tenant, subject, JSON.stringify(facts)]),
    );
    res.send([csvLine(["id", "at", "operator", "action", "tenant", "subject", "facts"]), ...lines].join(""));
  });
  router.get("/jobs.csv", async (req, res) => {
    const pages = jobPages(req, (filter) => admin.jobs(filter, operatorOf(req)));
    const first = await pages.next(); // what is refused is refused before the file begins
    begin(res, "jobs");
    res.write(csvLine(jobHeads));
    for (let page = first; !page.done; page = await pages.next()) {
      if (res.destroyed) return;
      res.write(page.value.map(jobLine).join(""));
    }
    res.end();
  });
  return router;
}

type Filter = Parameters<PlatformContext["usecases"]["admin"]["jobs"]>[0];

async function* jobPages(req: Request, ask: (filter: Filter) => Promise<readonly AdminJob[]>) {
  let { before, ...filter } = queryOf(req, jobFilter);
  for (;;) {
    const page = await ask({ ...filter, before, limit: jobsAtOnce });
    yield page;
    if (page.length < jobsAtOnce) return;
    before = page.at(-1)?.id;
  }
}

const jobHeads = [
  ...["id", "state", "member", "name", "tenant", "service", "prompt"],
  ...["held", "charged", "created", "started", "finished"],
];

function jobLine(job: AdminJob): string {
  const { id, state, member, memberName, tenant, provider, prompt, held, charged } = job;
  const times = [job.createdAt, job.startedAt, job.finishedAt].map(utc);
  return csvLine([id, state, member, memberName, tenant, provider, prompt, held, charged, ...times]);
}

function usageLine(by: string, { name, jobs, images, charged, spent }: UsageLine): string {
  return csvLine([by, name, jobs, images, charged, spent]);
}

function utc(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
