import { type Request, type Response, Router } from "express";
import type { AdminJob, AuditEntry, AuditPlace } from "../../../contract/admin.ts";
import type { UsageLine } from "../../../contract/usecases.ts";
import type { PlatformContext } from "../../platform.ts";
import { sendInPieces } from "../in-pieces.ts";
import { operatorOf } from "./caller.ts";
import { csvLine } from "./csv.ts";
import { daysQuery, jobFilter, queryOf } from "./queries.ts";

const atOnce = 100;

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
    const { byDay, byProvider, byPayer, byTenant, byMember } = report;
    const tables = { day: byDay, service: byProvider, payer: byPayer, tenant: byTenant, member: byMember };
    const lines = Object.entries(tables).flatMap(([by, rows]) => rows.map((row) => usageLine(by, row)));
    res.send([csvLine(["by", "name", "jobs", "images", "charged", "spent"]), ...lines].join(""));
  });
  router.get("/audit-log.csv", async (req, res) => {
    begin(res, "audit-log");
    await sendInPieces(
      res,
      entryPages((before) => admin.auditLog(atOnce, operatorOf(req), before)),
    );
  });
  router.get("/jobs.csv", async (req, res) => {
    const pages = jobPages(req, (filter) => admin.jobs(filter, operatorOf(req)));
    const first = await pages.next(); // what is refused is refused before the file begins
    begin(res, "jobs");
    await sendInPieces(res, jobLines(first, pages));
  });
  return router;
}

async function* entryPages(ask: (before: AuditPlace | undefined) => Promise<readonly AuditEntry[]>) {
  yield csvLine(["id", "at", "operator", "action", "tenant", "subject", "facts"]);
  let before: AuditPlace | undefined;
  do {
    const page = await ask(before);
    yield page.map(entryLine).join("");
    before = page.length < atOnce ? undefined : page.at(-1);
  } while (before);
}

function entryLine({ id, at, operator, name, tenant, subject, facts }: AuditEntry): string {
  return csvLine([id, utc(at), operator, name, tenant, subject, JSON.stringify(facts)]);
}

type Filter = Parameters<PlatformContext["usecases"]["admin"]["jobs"]>[0];

async function* jobPages(req: Request, ask: (filter: Filter) => Promise<readonly AdminJob[]>) {
  let { before, ...filter } = queryOf(req, jobFilter);
  for (;;) {
    const page = await ask({ ...filter, before, limit: atOnce });
    yield page;
    if (page.length < atOnce) return;
    before = page.at(-1)?.id;
  }
}

async function* jobLines(first: IteratorResult<readonly AdminJob[], void>, pages: ReturnType<typeof jobPages>) {
  yield csvLine(jobHeads);
  for (let page = first; !page.done; page = await pages.next()) yield page.value.map(jobLine).join("");
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
