import { randomBytes } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { createChanges } from "../../src/jobs/changes.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createDatabase } from "../support/postgres.ts";

const open: Database[] = [];
afterAll(() => Promise.all(open.map((database) => database.close())));

test("what one process announces, whoever watches in another one sees at once", async () => {
  const url = await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`);
  open.push(await openDatabase({ url, dataDir: "unused" }), await openDatabase({ url, dataDir: "unused" }));
  const [here, there] = open as [Database, Database];
  const changes = createChanges((job) => void here.notify(job));
  const watched = createChanges();
  const own: string[] = [];
  await here.listen((job) => void own.push(job));
  await there.listen((job) => watched.hear(job));
  const seen = watched.next("job-1", new AbortController().signal);
  changes.announce("job-1");
  await seen;
  await there.notify("job-2");
  while (!own.includes("job-2")) await new Promise(setImmediate);
  expect(own).toEqual(["job-2"]); // nothing of its own
});
