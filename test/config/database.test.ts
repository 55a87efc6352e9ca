import { expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../src/config/config.ts";
import { providerDefinitions } from "../../src/providers/index.ts";

const load = (environment: Record<string, string>) => loadConfig(environment, providerDefinitions);

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test.each(["p@zq", "p/zq", "p#zq", "p?zq", "12/zq", "12#zq", "12?zq", "p:zq@", "p%zq", "p@z:q/1"])(
  "refuses a URL with the password %s as it is, and repeats nothing of it",
  (password) => {
    const problems = problemsOf({ DATABASE_URL: `postgres://atelier:${password}@database/atelier` });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^DATABASE_URL must be .*PGPASSWORD/);
    expect(problems[0]).not.toContain("zq");
  },
);

test.each(["postgres://", "postgres:///atelier", "mysql://database/atelier", "database", "postgres://atelier:p@"])(
  "refuses %s",
  (url) => expect(problemsOf({ DATABASE_URL: url })[0]).toContain("DATABASE_URL"),
);

test("takes any password from PGPASSWORD, for both URLs, and hides it", () => {
  const PGPASSWORD = "a b@c:/d#e?f%g'h\"";
  const config = load({
    DATABASE_URL: "postgres://atelier@pooler/atelier",
    DATABASE_DIRECT_URL: "postgres://atelier@database/atelier",
    PGPASSWORD,
  });
  for (const url of [config.databaseUrl, config.databaseDirectUrl]) {
    expect(decodeURIComponent(new URL(url ?? "").password)).toBe(PGPASSWORD);
  }
  expect(config.secrets).toContain(PGPASSWORD);
});

test("keeps the password of a URL that has one, and hides it in both ways of writing", () => {
  const url = "postgres://atelier:p%40ss@database/atelier?sslmode=require";
  const config = load({ DATABASE_URL: url, PGPASSWORD: "other" });
  expect(config.databaseUrl).toBe(url);
  expect(config.secrets).toEqual(expect.arrayContaining(["p%40ss", "p@ss"]));
});

test("a direct URL alone is no database", () => {
  expect(problemsOf({ DATABASE_DIRECT_URL: "postgres://database/atelier" })[0]).toContain("without DATABASE_URL");
});
