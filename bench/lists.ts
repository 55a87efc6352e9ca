import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openDatabase } from "../src/store/database.ts";
import { type House, type Operator, openHouse, signIn } from "../test/platforms/web/dashboard/house.ts";
import { busiestMember, fillHistory } from "../test/support/long-history.ts";
import { type Measured, measured } from "./measure.ts";
import { print } from "./report.ts";

const jobs = 300_000;
const rounds = 3;

type Look = readonly [name: string, look: (bot: Bot) => Promise<unknown>];
type Bot = ReturnType<typeof eyesOf>;

/** How long each list that grows holds up everybody else, with 300,000 jobs in the embedded database. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const bot = await openBot(folder);
  const rows = [];
  for (const [list, look] of looks) {
    const taken: Measured[] = [];
    for (let round = 0; round < rounds; round += 1) taken.push(await measured(() => look(bot)));
    const most = (key: "wallMs" | "stallMs" | "cpuMs") => Math.max(...taken.map((one) => one[key]));
    rows.push({ list, "longest stall, ms": most("stallMs").toFixed(0), "whole, ms": most("wallMs").toFixed(0) });
  }
  print(rows);
  await bot.close();
  rmSync(folder, { recursive: true });
}

async function openBot(folder: string) {
  const database = await openDatabase({ dataDir: folder });
  const house = await openHouse({}, { database });
  await fillHistory(database, { jobs, now: house.world.now() });
  const operator = await signIn(house);
  return {
    ...eyesOf(house, operator),
    async close() {
      await house.close().catch(() => undefined); // the history has no ledger that is consistent
      await database.close();
    },
  };
}

/** Those who look at lists. */
export function eyesOf(house: House, { get }: Operator) {
  return {
    usecases: house.usecases,
    member: house.caller(busiestMember, { tenant: "discord:guild:1" }),
    operator: house.caller("operator-1"),
    admin: house.caller("boss", { tenant: "discord:guild:1", rights: "admin" }),
    async read(page: string) {
      const answer = await get(`/api/dashboard/${page}`);
      if (answer.status !== 200) throw new Error(`${page}: ${answer.status}`);
      for await (const _ of answer.body ?? []);
    },
  };
}

export const looks: readonly Look[] = [
  ["history, first page", ({ usecases, member }) => usecases.history(member, { limit: 50 })],
  [
    "history, a search that finds nothing",
    ({ usecases, member }) => usecases.history(member, { limit: 50, search: "zebra" }),
  ],
  ["export of 20,000 jobs", ({ usecases, member }) => usecases.exportData(member)],
  ["statement", ({ usecases, member }) => usecases.credits(member)],
  ["usage, 30 days, everywhere", ({ usecases, operator }) => usecases.admin.usage(30, operator)],
  ["usage, 30 days, one server", ({ usecases, admin }) => usecases.admin.usage(30, admin)],
  ["members", ({ usecases, operator }) => usecases.admin.members("somebody 7", operator)],
  [
    "jobs of a state that is rare",
    ({ usecases, operator }) => usecases.admin.jobs({ state: "cancelled", limit: 100 }, operator),
  ],
  ["services", ({ usecases, operator }) => usecases.admin.providers(operator)],
  ["unknown outcomes", ({ usecases, operator }) => usecases.admin.unknown(operator)],
  ...["overview", "jobs", "usage?days=30", "members", "unknown", "audit-log", "tenant?tenant=web"].map(
    (page): Look => [`dashboard: ${page}`, ({ read }) => read(page)],
  ),
  ...["jobs.csv", "audit-log.csv", "usage.csv?days=30"].map(
    (file): Look => [`dashboard: ${file}`, ({ read }) => read(file)],
  ),
];
