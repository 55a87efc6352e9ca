import path from "node:path";
import { backup } from "../cli/backup.ts";
import { createDesk, type Desk } from "../cli/desk.ts";
import { askRunningBot } from "../cli/desk-client.ts";
import { imagine } from "../cli/imagine.ts";
import { printUsage } from "../cli/print-usage.ts";
import { restore } from "../cli/restore.ts";
import { createTalk } from "../cli/talk.ts";
import type { Task } from "../cli/task.ts";
import { terminal } from "../cli/terminal.ts";
import type { Config } from "../config/config.ts";
import { Refusal, type RefusalCode } from "../errors.ts";
import type { Database } from "../store/database.ts";
import { openForReading } from "../store/read-only.ts";
import { FolderInUse } from "../store/sqlite.ts";
import { type Text, textFor } from "../text/text.ts";
import { realWorld } from "../world.ts";
import { assemble, imagesFor, type Parts } from "./assemble.ts";
import { printAudit } from "./audit.ts";
import { check } from "./check.ts";
import { type Given, openParts } from "./open.ts";

const exit = { done: 0, failed: 1, refused: 2 } as const;

const talk = createTalk();

/** Carries out what a command line asks for, beside a bot that may run; gives the exit code. */
export async function perform(task: Exclude<Task, { name: "start" }>, given: Given): Promise<number> {
  const { config } = given;
  const place = { url: config.databaseUrl, dataDir: config.dataDir };
  switch (task.name) {
    case "check":
      return (await checkAll(given)) ? exit.done : exit.failed;
    case "audit": {
      const files = config.spool ? undefined : imagesFor(config, given.log); // what others share need not be on this disk
      return (await printAudit(place, files, talk.print)) ? exit.done : exit.failed;
    }
    case "backup":
      return backUp(task.file, given);
    case "restore":
      return bringBack(task.file, given);
    case "imagine":
      return atDesk(given, true, (desk) => imagine(task, desk, talk, realWorld()));
    case "grant":
      return atDesk(given, false, async (desk) => {
        const { available } = await desk.grant(task.member, task.amount, realWorld().id());
        talk.print(`${task.member} has ${textFor("en").credits(available)} now.`);
        return exit.done;
      });
    case "usage":
      return atDesk(given, false, async (desk) => {
        printUsage(await desk.usage(task.days), talk.print);
        return exit.done;
      });
  }
}

async function atDesk(given: Given, works: boolean, use: (desk: Desk) => Promise<number>): Promise<number> {
  try {
    return await withDesk(given, works, use);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    talk.say(sentenceOf(textFor("en"), error));
    return exit.refused;
  }
}

function sentenceOf<Code extends RefusalCode>(text: Text, refusal: Refusal<Code>): string {
  return text.refusals[refusal.code](refusal.facts);
}

/** In the bot that holds the embedded database, or else in this process, which then makes the calls of its own jobs. */
async function withDesk<Result>(given: Given, works: boolean, use: (desk: Desk) => Promise<Result>): Promise<Result> {
  const parts = await openUnlessInUse({ ...given, config: withoutPlatforms(given.config) });
  if (!parts) return use(await askRunningBot(given.config.dataDir));
  const { world, database, config } = parts;
  const { usecases, runner, providers } = await assemble({ ...parts, only: terminal.name });
  if (works) await runner.start();
  try {
    return await use(createDesk(usecases));
  } finally {
    await Promise.race([runner.stop(), world.sleep(config.stopTimeoutMs)]); // recovery finds what does not end by then
    await Promise.all(providers.map((provider) => provider.close()));
    await database.close();
  }
}

async function openUnlessInUse(given: Given): Promise<Parts | undefined> {
  try {
    return await openParts(given);
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

/** While a bot holds the embedded database, it is only looked at. */
async function checkAll(given: Given): Promise<boolean> {
  const parts = (await openUnlessInUse(given)) ?? (await partsBeside(given));
  try {
    return await check(parts, talk.print);
  } finally {
    await parts.database.close();
  }
}

async function partsBeside({ config, log }: Given): Promise<Parts> {
  const reading = await openForReading({ url: config.databaseUrl, dataDir: config.dataDir });
  const nothing = async () => undefined;
  const database: Database = {
    ...reading,
    ...{ isRetryable: () => false, isLost: () => false, notify: nothing, listen: nothing, healthy: async () => true },
    transaction: () => Promise.reject(new Error("a check changes nothing")),
  };
  const { publicUrl: _, ...web } = config.web; // links need a key that is written when it is the first
  return { config: { ...config, web }, log, database, world: realWorld() };
}

async function backUp(file: string, { config, log }: Given): Promise<number> {
  const reading = await openForReading({ url: config.databaseUrl, dataDir: config.dataDir });
  try {
    const parts = { reading, images: imagesFor(config, log), spool: spoolOf(config), now: realWorld().now() };
    const { entries, missing } = await backup(file, parts);
    for (const key of missing) talk.say(`missing ${key} was deleted, or lost, before it could be saved`);
    const images = entries.filter(({ name }) => name.startsWith("spool/")).length;
    talk.print(`ok      ${file} holds the whole database and ${images} files of images`);
    return exit.done;
  } finally {
    await reading.close();
  }
}

/** Restores, and looks whether everything is right then. */
async function bringBack(file: string, { config, log }: Given): Promise<number> {
  const place = { url: config.databaseUrl, dataDir: config.dataDir };
  const spool = spoolOf(config);
  const { createdAt } = await restore(file, { ...place, spool, shared: config.spool !== undefined });
  talk.print(`ok      restored to how it was on ${new Date(createdAt).toISOString()}`);
  const { spool: _, ...here } = config; // they are all on this disk now
  return (await printAudit(place, imagesFor(here, log), talk.print)) ? exit.done : exit.failed;
}

function spoolOf({ dataDir }: Config): string {
  return path.join(dataDir, "spool");
}
