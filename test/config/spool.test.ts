import { expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../src/config/config.ts";
import { providerDefinitions } from "../../src/providers/index.ts";

const load = (environment: Record<string, string>) => loadConfig(environment, providerDefinitions);

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    load(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test("without SPOOL_URL the images are on this machine only", () => {
  expect(load({}).spool).toBeUndefined();
});

test("reads where the images are shared, and keeps the key out of the log", () => {
  const config = load({
    SPOOL_URL: "s3://my-bucket/bots/one/?endpoint=http://127.0.0.1:9000&region=eu-1",
    SPOOL_ACCESS_KEY_ID: "the-id",
    SPOOL_SECRET_ACCESS_KEY: "the-secret",
  });
  expect(config.spool).toEqual({
    bucket: "my-bucket",
    prefix: "bots/one",
    endpoint: "http://127.0.0.1:9000",
    region: "eu-1",
    credentials: { accessKeyId: "the-id", secretAccessKey: "the-secret" },
  });
  expect(config.secrets).toContain("the-secret");
});

test("only the bucket is required", () => {
  expect(load({ SPOOL_URL: "s3://my-bucket" }).spool).toEqual({ bucket: "my-bucket", prefix: "", region: "us-east-1" });
});

test.each([
  "my-bucket",
  "https://my-bucket",
  "s3://",
  "s3://B",
  "s3://id:secret@my-bucket",
  "s3://my-bucket?endpoint=minio:9000",
  "s3://my-bucket?enpoint=http://127.0.0.1:9000",
  "s3://my-bucket#x",
])("says in one sentence what is wrong with %s", (url) => {
  const problems = problemsOf({ SPOOL_URL: url });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^SPOOL_URL must .*\.$/);
  expect(problems[0]).not.toContain("secret");
});

test("half a key, and a key for nothing, are mistakes", () => {
  const url = { SPOOL_URL: "s3://my-bucket" };
  for (const name of ["SPOOL_ACCESS_KEY_ID", "SPOOL_SECRET_ACCESS_KEY"]) {
    expect(problemsOf({ ...url, [name]: "x" })[0]).toContain("go together");
  }
  const both = { SPOOL_ACCESS_KEY_ID: "x", SPOOL_SECRET_ACCESS_KEY: "y" };
  expect(problemsOf(both)).toEqual(["SPOOL_URL is missing beside SPOOL_ACCESS_KEY_ID."]);
});
