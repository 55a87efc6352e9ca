import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { RequestHandler } from "express";
import { Problem } from "./problem.ts";

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

interface Asset {
  readonly type: string;
  readonly tag: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/** Serves the files of a directory as they were at the start, compressed; browsers ask each time, and mostly hear 304. */
export function serveAssets(directory: string): RequestHandler {
  const assets = new Map(readdirSync(directory).map((name) => [`/${name}`, readAsset(join(directory, name))]));
  return (req, res) => {
    const asset = assets.get(req.path);
    if (!asset) throw new Problem(404, "noFile");
    const zipped = req.acceptsEncodings("gzip", "identity") === "gzip";
    res.set({ "Content-Type": asset.type, "Cache-Control": "no-cache", Vary: "Accept-Encoding" });
    res.set("ETag", `"${asset.tag}${zipped ? "-gzip" : ""}"`);
    if (zipped) res.set("Content-Encoding", "gzip");
    res.send(zipped ? asset.zipped : asset.plain);
  };
}

function readAsset(path: string): Asset {
  const plain = readFileSync(path);
  const type = types[extname(path)];
  if (!type) throw new Error(`${path} is of no type that is served`);
  const tag = createHash("sha256").update(plain).digest("base64url").slice(0, 27);
  return { type, tag, plain, zipped: gzipSync(plain, { level: 9 }) };
}
