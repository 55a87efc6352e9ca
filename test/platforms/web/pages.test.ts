import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Playground, startPlayground } from "./playground.ts";

let playground: Playground;
beforeEach(async () => {
  playground = await startPlayground();
});
afterEach(() => playground.close());

const root = join(import.meta.dirname, "../../../src/platforms/web");
const get = (path: string, headers = {}) => fetch(`${playground.url}${path}`, { headers });

test.each([
  ["en-GB", '<html lang="en">', "What shall we draw?"],
  ["zh-CN", '<html lang="zh-CN">', "今天画点什么？"],
  ["de", '<html lang="en">', "What shall we draw?"],
])("speaks the language of a browser that asks for %s", async (locale, html, words) => {
  const page = await (await get("/", { "Accept-Language": locale })).text();
  expect(page).toContain(html);
  expect(page).toContain(words);
  expect(page).not.toContain("{{");
});

test("has no script or style inside its pages", async () => {
  for (const name of await readdir(join(root, "pages"))) {
    const page = await readFile(join(root, "pages", name), "utf8");
    expect(page, name).not.toMatch(/<style|style=|<script(?![^>]*src=)| on\w+=|javascript:/i);
  }
});

test("never makes markup from text", async () => {
  for (const name of await readdir(join(root, "assets"))) {
    const code = await readFile(join(root, "assets", name), "utf8");
    expect(code, name).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function/,
    );
  }
});

test("asks browsers to check its files each time, and tells them when nothing changed", async () => {
  const first = await get("/assets/app.js");
  expect(first.headers.get("Content-Type")).toContain("text/javascript");
  expect(first.headers.get("Cache-Control")).toBe("no-cache");
  const known = { "If-None-Match": first.headers.get("ETag") ?? "", "Cache-Control": "max-age=0" };
  const again = await get("/assets/app.js", known);
  expect(again.status).toBe(304);
});

test("is small: all its code under 50 KB", async () => {
  const names = (await readdir(join(root, "assets"))).filter((name) => name.endsWith(".js"));
  const codes = await Promise.all(names.map((name) => readFile(join(root, "assets", name))));
  expect(codes.reduce((sum, code) => sum + code.length, 0)).toBeLessThan(50_000);
});

test("serves nothing outside its assets", async () => {
  for (const path of ["/assets/", "/assets/../pages/index.html", "/assets/%2e%2e/web.ts", "/assets/nothing.js"]) {
    expect((await get(path)).status, path).toBe(404);
  }
});
