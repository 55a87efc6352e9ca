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
  ["en-GB", '<html lang="en" data-theme="system">', "What shall we draw?"],
  ["zh-CN", '<html lang="zh-CN" data-theme="system">', "今天画点什么？"],
  ["de", '<html lang="en" data-theme="system">', "What shall we draw?"],
])("speaks the language of a browser that asks for %s", async (locale, html, words) => {
  const page = await (await get("/", { "Accept-Language": locale })).text();
  expect(page).toContain(html);
  expect(page).toContain(words);
  expect(page).not.toContain("{{");
});

test.each([
  ["atelier-language=zh-CN; atelier-theme=dark", '<html lang="zh-CN" data-theme="dark">'],
  ["atelier-language=en; atelier-theme=light", '<html lang="en" data-theme="light">'],
  ['atelier-language="><script>; atelier-theme="><script>', '<html lang="zh-CN" data-theme="system">'],
])("looks as the reader chose by %s, over what the browser asks for", async (cookie, html) => {
  const answer = await get("/", { "Accept-Language": "zh", Cookie: cookie });
  expect(answer.headers.get("Vary")).toContain("Cookie");
  expect(await answer.text()).toContain(html);
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

/** The files that the page names, and those that they import before anything is pressed. */
async function loadedAtFirst(): Promise<string[]> {
  const page = await readFile(join(root, "pages", "index.html"), "utf8");
  const names = new Set([...page.matchAll(/"\/assets\/([\w.-]+)"/g)].map(([, name = ""]) => name));
  for (const name of names) {
    const text = await readFile(join(root, "assets", name), "utf8");
    for (const [, imported = ""] of text.matchAll(/from "\.\/([\w.-]+)"/g)) names.add(imported);
  }
  return [...names];
}

test("is small: everything that a first visit loads is under 45 KB as it is sent", async () => {
  const sizes = (await loadedAtFirst()).map(async (name) => {
    const answer = await get(`/assets/${name}`, { "Accept-Encoding": "gzip" });
    expect(answer.headers.get("Content-Encoding"), name).toBe("gzip");
    expect(answer.status, name).toBe(200);
    return Number(answer.headers.get("Content-Length"));
  });
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(10_000);
  expect(total).toBeLessThan(45_000);
});

test("sends its files as they are to who cannot unpack them, under another validator", async () => {
  const [packed, plain] = await Promise.all(
    ["gzip", "identity"].map((encoding) => get("/assets/app.js", { "Accept-Encoding": encoding })),
  );
  expect(plain?.headers.get("Content-Encoding")).toBeNull();
  expect(plain?.headers.get("ETag")).not.toBe(packed?.headers.get("ETag"));
  expect(await plain?.text()).toBe(await readFile(join(root, "assets", "app.js"), "utf8"));
  expect(await packed?.text()).toBe(await readFile(join(root, "assets", "app.js"), "utf8"));
});

test("serves nothing outside its assets", async () => {
  for (const path of ["/assets/", "/assets/../pages/index.html", "/assets/%2e%2e/web.ts", "/assets/nothing.js"]) {
    expect((await get(path)).status, path).toBe(404);
  }
});
