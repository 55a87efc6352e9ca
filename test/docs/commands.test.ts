import { existsSync, globSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAtelier } from "../support/atelier.ts";
import { type Checkout, copyRepository } from "./checkout.ts";
import { blocksOf } from "./markdown.ts";

/** Lines for a shell: those of blocks, and those in the middle of a sentence. */
const pages = ["README.md", ...globSync("docs/*.md")];
const inBlocks = pages.flatMap((page) => blocksOf(page).filter(({ language }) => language === "sh"));
const programs = /`((?:npm|npx|node|docker|kill|apt-get|systemctl|openssl)(?: [^`]+)?)`/g;
const inSentences = pages.flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(programs)].map(([, line = ""]) => line),
);
const lines = new Set([...inBlocks.flatMap(({ text }) => text.split("\n")), ...inSentences]);

/** Lines with what they print when all is well; run one after another in one folder, in this order. */
const succeeds: readonly (readonly [line: string, prints: RegExp])[] = [
  ["npm start -- --help", /--check[\s\S]*--audit[\s\S]*imagine/],
  ["npm start -- --check", /ok {6}database \(sqlite\)\nok {6}web\nok {6}sandbox/],
  ['npm start -- imagine "a red bicycle" --size 2K --out images', /images\/\S+\.png/],
  ["npm start -- usage --days 7", /sandbox/],
  ["npm start -- --audit", /^ok\b/m],
  ["npm start -- --backup backup.tar", /^ok {6}backup.tar holds the whole database and \d+ files of images/m],
  ["DATA_DIR=./restored npm start -- --restore backup.tar", /^ok {6}restored to how it was/m],
  ["DATA_DIR=./restored npm start -- --audit", /^ok\b/m],
  ["npm start -- grant discord:123456789012345678 5000", /discord:123456789012345678 has [56],000 credits now/],
  ["npm run render", /"slash_commands"[\s\S]*TokenHub/],
  ["npm run render -- services", /TokenHub/],
  ["npm run render -- models", /^\| gpt-image-2 \|/m],
  ["npm run --silent render -- services", /^\|.*TokenHub/],
  ["npm run --silent render -- slack", /"socket_mode_enabled": true/],
  ["npm run --silent render -- slack https://atelier.example", /"https:\/\/atelier.example\/slack\/events"/],
];

/** Why a line is not run here. */
const elsewhere: Readonly<Record<string, string>> = {
  "npm ci && npm start": "npm start: first-image.test.ts; npm ci: .ci/run, in a clean clone",
  "npm ci && npm test": ".ci/run, in a clean clone",
  "npm start": "first-image.test.ts",
  "npm run check": "by npm test, and by extending.test.ts",
  "npm run check:arrows": "part of npm run check",
  "npm run test:browser": ".ci/run",
  "npm run draw": "needs Chromium; test/browser/pictures.test.ts draws them all",
  "npm run bench": "takes minutes; its parts are run by hand for docs/performance.md",
  "npm run bench -- queue": "as above",
  "npm run bench -- bot": "as above",
  "npm run bench -- crowd": "as above",
  "npm run bench -- growth": "as above",
  "npm run bench -- ack": "as above",
  "npm run bench -- storm": "as above; a small one is in npm test, test/end-to-end/storm",
  "npm run chaos -- --rounds 200": "takes an hour; a few rounds are in npm test, test/chaos",
  "npm run soak -- --runs 10000": "takes an hour; a few runs are in npm test, test/property",
  "npm run fuzz -- --minutes 30": "takes half an hour; a few inputs are in npm test, test/providers",
  "npm view NAME version": "asks a registry",
  "node test/house/complete-lockfile.ts": "asks a registry",
  "docker compose up -d": "needs Docker; compose.yaml and Dockerfile are tried by hand",
  "docker compose exec bot node src/main.js usage": "needs Docker",
  "apt-get install chromium": "needs root rights; .ci/run",
  "kill -9": "the tests of crashes, test/chaos",
};
const followed = new Set(
  blocksOf("docs/extending.md").flatMap(({ language, text }) => (language === "sh" ? text : [])),
);

test("every command in the documents is run by a test, or there is a reason why not", () => {
  const known = [...succeeds.map(([line]) => line), ...Object.keys(elsewhere), ...followed];
  expect([...lines].filter((line) => !known.includes(line))).toEqual([]);
  expect(known.filter((line) => !lines.has(line))).toEqual([]);
});

describe("somebody who types the documents' commands", () => {
  let copy: Checkout;
  beforeAll(() => {
    copy = copyRepository();
  });
  afterAll(() => copy.remove());

  test.each(succeeds)(
    "sees %s succeed",
    async (line, prints) => {
      const { code, output } = await copy.run(line);
      expect(code, output).toBe(0);
      expect(output).toMatch(prints);
    },
    120_000,
  );

  test("finds the images and the backup where the commands put them", () => {
    expect(readdirSync(path.join(copy.folder, "images"))).toHaveLength(1);
    expect(existsSync(path.join(copy.folder, "backup.tar"))).toBe(true);
    expect(existsSync(path.join(copy.folder, "restored", "atelier.db"))).toBe(true);
  });

  test("may type them while the bot runs", async () => {
    const data = path.join(copy.folder, "running");
    mkdirSync(data);
    const bot = await startAtelier({ DATA_DIR: data });
    const beside = succeeds.filter(([line]) => line.startsWith("npm start -- ") && !line.includes("backup.tar"));
    for (const [line, prints] of beside) {
      const { code, output } = await copy.run(line, { DATA_DIR: data });
      expect(code, `${line}\n${output}`).toBe(0);
      expect(output).toMatch(prints);
    }
    expect(await copy.run("npm start -- --backup running.tar", { DATA_DIR: data })).toMatchObject({ code: 0 });
    expect(await bot.stop()).toBe(0);
  }, 240_000);
});
