import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printAudit } from "../../src/app/audit.ts";
import { backup } from "../../src/cli/backup.ts";
import { restore } from "../../src/cli/restore.ts";
import { createTar } from "../../src/cli/tar.ts";
import { createImages } from "../../src/images/create-images.ts";
import { openDatabase } from "../../src/store/database.ts";
import { openForReading } from "../../src/store/read-only.ts";
import { heldUp } from "../support/services/scripted-provider.ts";
import { onBothStores, type TestStore } from "../support/stores.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";
import { testLog } from "../support/world.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-backup-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = () => path.join(folder, `${++files}.tar`);
type TestPlace = Awaited<ReturnType<TestStore["place"]>>;
const spoolOf = (name: string) => path.join(folder, name, "spool");

/** A bot at work: a job with images, an edit of it, one that is sent, one that waits. */
async function busyBot(store: TestStore, place: TestPlace) {
  const database = await store.open(place);
  const house = await openRoom({ database, reachable: false });
  await house.work();
  const first = await house.end(await house.usecases.imagine({ prompt: "a red bicycle", count: 2 }, house.caller()));
  await house.end(await house.usecases.edit({ job: first.id, index: 0 }, { prompt: "in green" }, house.caller()));
  const slow = heldUp();
  house.provider.scripts.push(slow);
  const sent = await house.usecases.imagine({ prompt: "sent" }, house.caller());
  await slow.sent;
  const waiting = await house.usecases.imagine({ prompt: "waiting" }, house.caller());
  await house.usecases.admin.grant("discord:1", 500, house.caller("operator-1"));
  return { house, slow, first, sent, waiting };
}

async function save(house: TestBot, place: TestPlace): Promise<string> {
  const file = newFile();
  const spool = path.join(house.folder, "spool");
  const reading = await openForReading(place);
  const { missing } = await backup(file, { reading, images: house.context.images, spool, now: 1 });
  await reading.close();
  expect(missing).toEqual([]);
  return file;
}

async function expectInOrder(place: TestPlace, spool: string): Promise<void> {
  const lines: string[] = [];
  const images = createImages({ directory: spool, trustedOrigins: [], log: testLog() });
  const good = await printAudit(place, images, (line) => lines.push(line));
  expect(lines.filter((line) => line.startsWith("wrong"))).toEqual([]);
  expect(good).toBe(true);
}

const stores: TestStore[] = [];
onBothStores("a backup", (from) => {
  stores.push(from);
  describe.each(["sqlite", "postgres"] as const)("restored on %s", (engine) => {
    test("made while the bot works holds everything, and nothing that was sent is sent again", async () => {
      const to = stores.find((store) => store.engine === engine);
      if (!to) throw new Error(`no ${engine}`);
      const place = await from.place();
      const { house, slow, first, sent, waiting } = await busyBot(from, place);
      const before = await house.usecases.admin.usage(1, house.caller("operator-1"));
      const file = await save(house, place);
      slow.release();
      await house.end(sent);
      await house.close();

      const there = await to.place();
      const spool = spoolOf(`restored-${files}`);
      await restore(file, { url: there.url, dataDir: there.dataDir, spool, shared: false });
      await expectInOrder(there, spool);

      const revived = await openRoom({ database: await to.open(there), reachable: false });
      revived.world.advance(600_000); // the same clock would make the same ids once more
      Object.assign(revived.context, {
        images: createImages({ directory: spool, trustedOrigins: [], log: testLog() }),
      });
      expect(await revived.usecases.admin.usage(1, revived.caller("operator-1"))).toEqual(before);
      await revived.work();
      expect(await revived.end(sent)).toMatchObject({ state: "failed", failure: { outcome: "unknown" } });
      expect(await revived.end(waiting)).toMatchObject({ state: "delivered", charged: 125 });
      expect(revived.provider.sent.map(({ prompt }) => prompt)).toEqual(["waiting"]);
      const shown = await revived.usecases.imageFile({ job: first.id, index: 1 }, revived.caller());
      expect(readFileSync(shown.path).length).toBe(shown.image.bytes);
      await expectInOrder(there, spool);
      await revived.close();
    });
  });
});

describe("a restore", () => {
  let file: string;
  let dataDir: string;
  const into = (name: string) => ({
    url: undefined,
    dataDir: path.join(folder, name),
    spool: spoolOf(name),
    shared: false,
  });
  beforeAll(async () => {
    dataDir = path.join(folder, "small");
    const database = await openDatabase({ dataDir });
    const house = await openRoom({ database });
    await house.work();
    await house.end(await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller()));
    file = await save(house, { dataDir });
    await house.close();
    await database.close();
  });

  test("refuses a folder where something is, and changes nothing there", async () => {
    await restore(file, into("twice"));
    await expect(restore(file, into("twice"))).rejects.toThrow("restore into an empty folder or database");
    await expectInOrder({ dataDir: into("twice").dataDir }, into("twice").spool);
  });

  test("refuses a backup of which one byte is another, and one that is cut off, before anything is written", async () => {
    const bytes = readFileSync(file);
    const damaged = newFile();
    const at = bytes.indexOf("red bicycle");
    writeFileSync(damaged, Buffer.concat([bytes.subarray(0, at), Buffer.from("R"), bytes.subarray(at + 1)]));
    await expect(restore(damaged, into("damaged"))).rejects.toThrow("is not what was saved");
    const cut = newFile();
    writeFileSync(cut, bytes.subarray(0, bytes.indexOf("manifest.json")));
    await expect(restore(cut, into("damaged"))).rejects.toThrow("not whole");
    await restore(file, into("damaged"));
  });

  async function crafted(migrations: string[], entries: Record<string, string>): Promise<string> {
    const name = newFile();
    const tar = await createTar(name);
    const all = [];
    for (const [entry, text] of Object.entries(entries))
      all.push(await tar.add(entry, text.length, [Buffer.from(text)]));
    const manifest = JSON.stringify({
      format: "atelier-backup-1",
      createdAt: 0,
      migrations,
      entries: all,
      missing: [],
    });
    await tar.add("manifest.json", manifest.length, [Buffer.from(manifest)]);
    await tar.commit();
    return name;
  }

  test("refuses a backup with an entry twice, before anything is written", async () => {
    const name = newFile();
    const tar = await createTar(name);
    const entries = [];
    for (const text of ['{"id":"member:1","balance":0}\n', '{"id":"member:1","balance":9}\n'])
      entries.push(await tar.add("database/000000-account.jsonl", text.length, [Buffer.from(text)]));
    const facts = { format: "atelier-backup-1", createdAt: 0, migrations: ["0001-start"], entries, missing: [] };
    await tar.add("manifest.json", JSON.stringify(facts).length, [Buffer.from(JSON.stringify(facts))]);
    await tar.commit();
    await expect(restore(name, into("doubled"))).rejects.toThrow("is in it twice");
    await restore(file, into("doubled"));
  });

  test("refuses a backup of a newer version", async () => {
    const newer = await crafted(["0001-start", "0002-records", "0003-later"], {});
    await expect(restore(newer, into("newer"))).rejects.toThrow("newer version");
  });

  test("brings a backup of the first version up to date", async () => {
    const row = { id: "member:1", balance: 0, topped_up_on: null };
    const old = await crafted(["0001-start"], { "database/000000-account.jsonl": `${JSON.stringify(row)}\n` });
    await restore(old, into("older"));
    const database = await openDatabase({ dataDir: into("older").dataDir });
    expect(await database.db.selectFrom("account").select(["id", "topped_up_to"]).execute()).toEqual([
      { id: "member:1", topped_up_to: null },
    ]);
    await database.close();
  });

  test("writes nothing outside of the spool, whatever the archive says", async () => {
    for (const name of ["spool/../evil", "spool/results/../../evil", "spool/scratch/x"]) {
      const evil = await crafted(["0001-start", "0002-records"], { [name]: "x" });
      await expect(restore(evil, into(`evil-${files}`))).rejects.toThrow("Not a key of the spool");
    }
  });
});
