import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const root = join(import.meta.dirname, "../../../../src/platforms/web/dashboard");

test("has no script or style inside its page, and nothing from elsewhere", async () => {
  const page = await readFile(join(root, "dashboard.html"), "utf8");
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)| on\w+=|javascript:|https?:/i);
  for (const name of await readdir(join(root, "assets"))) {
    const code = await readFile(join(root, "assets", name), "utf8");
    expect(code.replace("http://www.w3.org/2000/svg", ""), name).not.toMatch(/https?:|url\(|@import/);
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

test("is small: under 25 KB as it is sent", async () => {
  const sizes = (await readdir(join(root, "assets"))).map(async (name) => {
    const headers = { "Accept-Encoding": "gzip" };
    const answer = await fetch(`${house.url}/dashboard/assets/${name}`, { headers });
    expect([answer.status, answer.headers.get("Content-Encoding")], name).toEqual([200, "gzip"]);
    return Number(answer.headers.get("Content-Length"));
  });
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(5000);
  expect(total).toBeLessThan(25_000);
});
