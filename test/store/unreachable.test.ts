import { expect, inject, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { openForReading } from "../../src/store/read-only.ts";

const server = () => new URL(inject("postgresUrl"));

function changed(parts: Partial<URL>): string {
  return Object.assign(server(), parts).href;
}

test.each([
  ["a server that is not there", { port: "1" }, /ECONNREFUSED/],
  ["a name that nobody has", { hostname: "canary.invalid" }, /ENOTFOUND|EAI_AGAIN/],
  ["a wrong password", { password: "canary" }, /user and password/],
  ["a database that is not there", { pathname: "/canary" }, /no database of this name/],
])("%s is told in a sentence that names the variable and repeats nothing of it", async (_, change, words) => {
  const url = changed(change);
  for (const open of [openDatabase, openForReading]) {
    const error = await open({ url, dataDir: "unused" }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).toMatch(/^The database of DATABASE_URL cannot be used: /);
    expect(error?.message).toMatch(words);
    expect(error?.message).not.toMatch(/canary|127\.0|postgres:/);
  }
});

test("names DATABASE_DIRECT_URL when only that is wrong", async () => {
  const directUrl = changed({ port: "1" });
  await expect(openDatabase({ url: server().href, directUrl, dataDir: "unused" })).rejects.toThrow(
    "The database of DATABASE_DIRECT_URL cannot be used",
  );
});
