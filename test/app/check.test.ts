import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { check } from "../../src/app/check.ts";
import { loadConfig } from "../../src/config/config.ts";
import { providerDefinitions } from "../../src/providers/index.ts";
import { openDatabase } from "../../src/store/database.ts";
import { startFakeOpenAi } from "../support/services/openai.ts";
import { testLog, testWorld } from "../support/world.ts";

const dayMs = 86_400_000;
const end = Date.UTC(2027, 2, 1);
const announced = { id: "gpt-image-2", shutdown_date: "2027-03-01" };

/** The lines of `--check` before a service that tells this of its model, at that time. */
async function checked(model: object, now: number) {
  const dataDir = await mkdtemp(join(tmpdir(), "atelier-check-"));
  const fake = await startFakeOpenAi({ model });
  const database = await openDatabase({ dataDir });
  onTestFinished(async () => {
    await database.close();
    await fake.close();
    await rm(dataDir, { recursive: true });
  });
  const environment = { DATA_DIR: dataDir, OPENAI_API_KEY: fake.apiKey, OPENAI_BASE_URL: fake.baseUrl };
  const config = loadConfig(environment, providerDefinitions, now);
  const lines: string[] = [];
  const good = await check({ config, database, world: testWorld(now), log: testLog() }, (line) => lines.push(line));
  return { good, lines: lines.filter((line) => line.includes("gpt-image-2")) };
}

test("warns of the end of a model 60 days ahead, and all is well otherwise", async () => {
  expect(await checked(announced, end - 60 * dayMs)).toEqual({
    good: true,
    lines: ["warning openai: its model gpt-image-2 ends on 2027-03-01: choose another"],
  });
});

test("says nothing of an end that is far, or that nobody tells", async () => {
  expect(await checked(announced, end - 60 * dayMs - 1)).toEqual({ good: true, lines: [] });
  expect(await checked({ id: "gpt-image-2" }, end)).toEqual({ good: true, lines: [] });
});

test("fails from the day on which the model has ended", async () => {
  expect(await checked(announced, end)).toEqual({
    good: false,
    lines: ["failed  openai: its model gpt-image-2 ended on 2027-03-01: choose another"],
  });
});
