import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Lockfile, missingBuilds, withAllBuilds } from "./lockfile.ts";

test("names the builds for every machine, so that npm ci works on each of them", () => {
  expect(missingBuilds(JSON.parse(readFileSync("package-lock.json", "utf8")) as Lockfile)).toEqual([]);
});

test("holds no download address, because machines have different registries", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"|https?:\/\/registry/);
});

test("is completed with what npm left out", () => {
  const optionalDependencies = {
    "@x/core-linux-x64-musl": "1.2.3",
    "@x/core-darwin-arm64": "1.2.3",
    fsevents: "~2.3.3",
  };
  const before: Lockfile = {
    packages: { "": {}, "node_modules/@x/core": { version: "1.2.3", dev: true, optionalDependencies } },
  };
  const { packages } = withAllBuilds(before);
  expect(packages["node_modules/@x/core-linux-x64-musl"]).toEqual({
    version: "1.2.3",
    os: ["linux"],
    cpu: ["x64"],
    libc: ["musl"],
    dev: true,
    optional: true,
  });
  expect(packages["node_modules/@x/core-darwin-arm64"]?.libc).toBeUndefined();
  expect(Object.keys(packages)).toHaveLength(4);
});
