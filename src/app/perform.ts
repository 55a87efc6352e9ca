import path from "node:path";
import { backup } from "../cli/backup.ts";
import { createTerminal } from "../cli/create-terminal.ts";
import { imagine } from "../cli/imagine.ts";
import { createLocalApi, type LocalApi } from "../cli/local-api.ts";
import { askRunningBot } from "../cli/local-api-client.ts";
import { printUsage } from "../cli/print-usage.ts";
import { restore } from "../cli/restore.ts";
import type { Task } from "../cli/task.ts";
import type { Config } from "../config/config.ts";
import { databaseOf } from "../config/database.ts";
import { Refusal } from "../errors.ts";
import type { Database } from "../store/database.ts";
import { openForReading } from "../store/read-only.ts";
import { FolderInUse } from "../store/sqlite.ts";
import { unusableDatabase } from "../store/unusable.ts";
import { refusalSentence, textFor } from "../text/text.ts";
import { realWorld } from "../world.ts";
import { type AppDeps, assemble, imagesFor } from "./assemble.ts";
import { printAudit } from "./audit.ts";
import { check } from "./check.ts";
import { openAppDeps, type Startup } from "./open.ts";

const exit = { done: 0, failed: 1, refused: 2 } as const;

const terminal = createTerminal();

/** Carries out what a command line asks for, beside a bot that may run; gives the exit code. */
export async function perform(task: Exclude<Task, { name: "start" }>, given: Startup): Promise<number> {
  const { config } = given;
  const place = databaseOf(config);
  switch (task.name) {
    case "check":
      return (await checkAll(given)) ? exit.done : exit.failed;
    case "audit": {
      const files = config.spool ? undefined : imagesFor(config, given.log); // what others share need not be on this disk
      return (await printAudit(place, files, terminal.print)) ? exit.done : exit.failed;
    }
    case "backup":
      return backUp(task.file, given);
    case "restore":
      return bringBack(task.file, given);
    case "imagine":
      return withLocalApi(given, true, (api) => imagine(task, api, terminal, realWorld()));
    case "grant":
      return withLocalApi(given, false, async (api) => {
        const { available } = await api.grant(task.member, task.amount, realWorld().id());
        terminal.print(`${task.member} has ${textFor("en").credits(available)} now.`);
        return exit.done;
      });
    case "usage":
      return withLocalApi(given, false, async (api) => {
        printUsage(await api.usage(task.days), terminal.print);
        return exit.done;
      });
  }
}

async function withLocalApi(given: Startup, works: boolean, use: (api: LocalApi) => Promise<number>): Promise<number> {
  try {
    return await useLocalApi(given, works, use);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    terminal.say(refusalSentence(textFor("en"), error));
    return exit.refused;
  }
}

/** In the bot that holds the embedded database, or else in this process, which then makes the calls of its own jobs. */
async function useLocalApi<Result>(
  given: Startup,
  works: boolean,
  use: (api: LocalApi) => Promise<Result>,
): Promise<Result> {
  const deps = await openUnlessInUse({ ...given, config: withoutPlatforms(given.config) });
  if (!deps) return use(await askRunningBot(given.config.dataDir));
  const { world, database, config } = deps;
  const { usecases, runner, providers } = await assemble(deps);
  if (works) await runner.start();
  try {
    return await use(createLocalApi(usecases));
  } finally {
    await Promise.race([runner.stop(), world.sleep(config.stopTimeoutMs)]); // recovery finds what does not end by then
    await Promise.all(providers.map((provider) => provider.close()));
    await database.close();
  }
}

async function openUnlessInUse(given: Startup): Promise<AppDeps | undefined> {
  try {
    return await openAppDeps(given);
  } catch (error) {
    if (error instanceof FolderInUse) return undefined;
    throw error;
  }
}

/** Nobody is to be told anything there by a command. */
function withoutPlatforms({ discord: _, slack: __, ...config }: Config): Config {
  const { password: ___, ...web } = config.web;
  return { ...config, web, playground: false };
}

/** While a bot holds the embedded database, it is only looked at; when it cannot be opened, all else is still checked. */
async function checkAll(given: Startup): Promise<boolean> {
  const deps = await openUnlessInUse(given)
    .then((opened) => opened ?? partsBeside(given))
    .catch((error: unknown) => partsWithout(given, error));
  try {
    return await check(deps, terminal.print);
  } finally {
    await deps.database.close();
  }
}

async function partsBeside({ config, log }: Startup): Promise<AppDeps> {
  const reading = await openForReading(databaseOf(config));
  const nothing = async () => undefined;
  const database: Database = {
    ...reading,
    reports: reading.db,
    ...{
      warnings: [],
      isRetryable: () => false,
      isLost: () => false,
      notify: nothing,
      listen: nothing,
      healthy: async () => true,
    },
    transaction: () => Promise.reject(new Error("a check changes nothing")),
  };
  return { config: withoutLinks(config), log, database, world: realWorld() };
}

function partsWithout({ config, log }: Startup, error: unknown): AppDeps {
  const database = unusableDatabase(config.databaseUrl === undefined ? "sqlite" : "postgres", error);
  return { config: withoutLinks(config), log, database, world: realWorld() };
}

/** Links need a key that is written when it is the first. */
function withoutLinks(config: Config): Config {
  const { publicUrl: _, ...web } = config.web;
  return { ...config, web };
}

async function backUp(file: string, { config, log }: Startup): Promise<number> {
  const reading = await openForReading(databaseOf(config));
  try {
    const parts = { reading, images: imagesFor(config, log), spool: spoolOf(config), now: realWorld().now() };
    const { entries, missing } = await backup(file, parts);
    for (const key of missing) terminal.say(`missing ${key} was deleted, or lost, before it could be saved`);
    const images = entries.filter(({ name }) => name.startsWith("spool/")).length;
    terminal.print(`ok      ${file} holds the whole database and ${images} files of images`);
    return exit.done;
  } finally {
    await reading.close();
  }
}

/** Restores, and looks whether everything is right then. */
async function bringBack(file: string, { config, log }: Startup): Promise<number> {
  const place = databaseOf(config);
  const spool = spoolOf(config);
  const { createdAt } = await restore(file, { ...place, spool, shared: config.spool !== undefined });
  terminal.print(`ok      restored to how it was on ${new Date(createdAt).toISOString()}`);
  const { spool: _, ...here } = config; // they are all on this disk now
  return (await printAudit(place, imagesFor(here, log), terminal.print)) ? exit.done : exit.failed;
}

function spoolOf({ dataDir }: Config): string {
  return path.join(dataDir, "spool");
}
