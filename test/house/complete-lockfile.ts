import { readFileSync, writeFileSync } from "node:fs";
import { type Lockfile, withAllBuilds } from "./lockfile.ts";

/** To be run after `npm install` of something new: `node test/house/complete-lockfile.ts`. */
const file = "package-lock.json";
const lockfile = JSON.parse(readFileSync(file, "utf8")) as Lockfile;
writeFileSync(file, `${JSON.stringify(withAllBuilds(lockfile), undefined, 2)}\n`);
