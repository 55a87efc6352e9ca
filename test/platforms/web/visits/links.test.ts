import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobView } from "../../../../src/contract/usecases.ts";
import { jsonOf, startVisits, type VisitStage } from "./visit-stage.ts";

const minuteMs = 60_000;
let on: VisitStage;
let job: JobView;

beforeEach(async () => {
  on = await startVisits();
  const { usecases } = on.house;
  job = await on.house.end(await usecases.imagine({ prompt: "a <b>red</b> bicycle" }, on.house.caller()));
});
afterEach(() => on.close());

const painting = () => ({ kind: "paint" as const, of: { job: job.id, index: 0 } });

test("the preview of a chat, however often it looks, uses no link up; a press does, and leads to the page", async () => {
  const link = await on.link(painting());
  for (const agent of ["Discordbot/2.0", "Slackbot-LinkExpanding 1.0", "Mozilla/5.0"]) {
    const answer = await on.get(link, { "User-Agent": agent, "Sec-Fetch-Site": "cross-site" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Set-Cookie")).toBeNull();
    expect(await answer.text()).toContain("Continue as member-1");
  }
  const opened = await on.post(link);
  expect(opened.status).toBe(303);
  expect(opened.headers.get("Location")).toMatch(/^\/visit\/s\/[\w-]+\/$/);
});

test("the session is a cookie of that page alone, which no script reads and no other site sends", async () => {
  const { setCookie, path } = await on.open(painting());
  expect(setCookie).toMatch(/^__Secure-atelier-visit=/);
  for (const part of ["HttpOnly", "Secure", "SameSite=Strict", `Path=${path}`, "Max-Age=3600"]) {
    expect(setCookie).toContain(part);
  }
});

test("a link that was used is 410, by whatever method, with a page that says so and nothing else", async () => {
  const link = await on.link(painting());
  await on.post(link);
  for (const answer of [await on.get(link), await on.post(link)]) {
    expect(answer.status).toBe(410);
    expect(answer.headers.get("Set-Cookie")).toBeNull();
    expect(await answer.text()).toContain("This link was used already: each works once.");
  }
  const chinese = await on.get(link, { "Accept-Language": "zh-CN" });
  expect(await chinese.text()).toContain("此链接已经用过");
});

test("a link that is late is 410, and one that was not made here 404", async () => {
  const link = await on.link(painting());
  on.house.world.advance(15 * minuteMs);
  const late = await on.post(link);
  expect([late.status, (await on.get(link)).status]).toEqual([410, 410]);
  expect(await late.text()).toContain("too old");
  for (const forged of [`${link.slice(0, -1)}!`, "/visit/nothing", "/visit/..%2f..%2fetc%2fpasswd", "/visit/%00"]) {
    const answer = await on.get(forged);
    expect(answer.status, forged).toBe(404);
    expect(await answer.text(), forged).not.toMatch(/passwd|Error:/);
  }
});

test("of many presses at once one alone leads on", async () => {
  const link = await on.link(painting());
  const statuses = (await Promise.all(Array.from({ length: 6 }, () => on.post(link)))).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([303, 410, 410, 410, 410, 410]);
});

test("another site can neither use a link up in a member's browser nor ask anything", async () => {
  const link = await on.link(painting());
  for (const headers of [
    { Origin: "https://evil.test" },
    { Origin: "null", "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
  ]) {
    expect((await on.post(link, { headers })).status).toBe(403);
  }
  expect((await on.post(link, { headers: { Origin: "null", "Sec-Fetch-Site": "same-origin" } })).status).toBe(303);
});

test("the page, its image and its answers are for the session that opened the link; any other is 403", async () => {
  const own = await on.open(painting());
  const other = await on.open(painting(), on.house.caller("member-2"));
  const quote = jsonOf({ prompt: "a", added: 0, masked: false, canvas: false });
  for (const path of ["", "image", "api/me"]) {
    expect((await on.ask(own, path)).status, path).toBe(200);
    for (const cookie of [other.cookie, "__Secure-atelier-visit=", "x=y", "__Secure-atelier-visit=%00"]) {
      const answer = await on.get(own.path + path, { Cookie: cookie });
      expect(answer.status, path).toBe(403);
      expect(await answer.text()).not.toContain("bicycle");
    }
  }
  expect((await on.ask({ ...own, cookie: other.cookie, csrf: other.csrf }, "api/quote", quote)).status).toBe(403);
  expect((await on.ask(own, "api/quote", quote)).status).toBe(200);
});

test("what changes something needs the token of the page, too", async () => {
  const page = await on.open(painting());
  const quote = jsonOf({ prompt: "a", added: 0, masked: false, canvas: false });
  for (const csrf of ["", "wrong", (await on.open(painting())).csrf]) {
    expect((await on.ask({ ...page, csrf }, "api/quote", quote)).status).toBe(403);
  }
});

test("a page is closed after an hour, and when its member is forgotten", async () => {
  const first = await on.open(painting());
  on.house.world.advance(60 * minuteMs);
  const closed = await on.ask(first, "");
  expect(closed.status).toBe(410);
  expect(await closed.text()).toContain("This page is closed: it can be used for an hour.");
  const second = await on.open(painting());
  await on.house.usecases.deleteData(on.house.caller());
  expect((await on.ask(second, "api/me")).status).toBe(410);
});

test("nobody keeps these pages, and no other site learns of their addresses", async () => {
  const link = await on.link(painting());
  const page = await on.open(painting());
  for (const answer of [await on.get(link), await on.post(link), await on.ask(page, ""), await on.ask(page, "image")]) {
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(answer.headers.get("X-Robots-Tag")).toContain("noindex");
    expect(answer.headers.get("Content-Security-Policy")).toContain("script-src 'self'");
  }
});

test("a member's name is text, whatever it is made of", async () => {
  const name = '"><script>alert(1)</script>{{csrf}}';
  const html = await (await on.get(await on.link(painting(), on.house.caller("member-1", { name })))).text();
  expect(html).not.toContain("<script>alert");
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;{{csrf}}");
});

test("nothing of the playground, the dashboard or another member is to be found below a page", async () => {
  const page = await on.open(painting());
  const { usecases } = on.house;
  const secret = await on.house.end(await usecases.imagine({ prompt: "secret", private: true }, on.house.caller("m2")));
  for (const path of [
    "api/commands",
    "api/history",
    "api/dashboard/overview",
    `api/jobs/${secret.id}/events`,
    `images/${secret.id}/0`,
    "../../../images/1/0",
    "..%2f..%2f..%2fapi%2fme",
  ]) {
    const answer = await on.ask(page, path);
    expect(answer.status, path).toBeGreaterThanOrEqual(400);
    expect(await answer.text(), path).not.toContain("secret");
  }
});
