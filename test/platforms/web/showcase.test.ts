import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Card } from "../../../src/text/card.ts";
import { pngOf } from "../../support/landscape.ts";
import { type Playground, startPlayground } from "./playground.ts";
import { finished, jobOf, press } from "./requests.ts";

let playground: Playground;
beforeEach(async () => {
  playground = await startPlayground();
});
afterEach(() => playground.close());

const get = (path: string, headers = {}) => fetch(`${playground.url}${path}`, { headers });

async function quote(draft: object): Promise<{ card: { title: string }; read: string[] }> {
  const headers = { Origin: playground.url, "Content-Type": "application/json" };
  const answer = await fetch(`${playground.url}/api/quote`, { method: "POST", headers, body: JSON.stringify(draft) });
  return (await answer.json()) as { card: { title: string }; read: string[] };
}

test("reads options from the end of the words, for the price and for the job alike", async () => {
  const prompt = "a lighthouse, 2k 16:9 high x3";
  expect(await quote({ prompt })).toMatchObject({
    card: { title: "60 credits at most" },
    read: ["2K 16:9", "high", "×3"],
  });
  const shown = encodeURIComponent("2K 16:9,high,×3");
  await jobOf(press(playground, `imagine?agreed&read=${shown}`, { prompt }));
  expect(playground.usecases.calls[0]?.draft).toMatchObject({
    prompt: "a lighthouse",
    size: "2K 16:9",
    quality: "high",
    count: 3,
  });
});

test("lets an option that was chosen win over words", async () => {
  const prompt = "a lighthouse, x3";
  expect(await quote({ prompt, count: 2 })).toMatchObject({ card: { title: "40 credits at most" }, read: [] });
  await jobOf(press(playground, "imagine", { prompt, count: "2" }));
  expect(playground.usecases.calls[0]?.draft).toMatchObject({ prompt, count: 2 });
});

test.each(["imagine", "imagine?agreed", "imagine?agreed&read=2K", "imagine?read=%C3%973"])(
  "asks about options that were read from the words and not shown before: %s",
  async (path) => {
    const prompt = "a lighthouse, x3";
    const reply = (await (await press(playground, path, { prompt })).json()) as { card: Card };
    expect(reply.card.title).toBe("I read 3 images out of your words");
    expect(playground.usecases.calls).toEqual([]);
    const [draw, leave] = reply.card.buttons ?? [];
    expect([draw?.label, leave?.label]).toEqual(["Draw it: at most 60 credits", "Leave my words: at most 20 credits"]);
    await jobOf(press(playground, leave?.command ?? "", { job: leave?.job ?? "" }));
    expect(playground.usecases.calls[0]?.draft).toMatchObject({ prompt, count: undefined });
  },
);

test("leaves the words as they are when it is asked to", async () => {
  const prompt = "a lighthouse, x3";
  expect(await quote({ prompt, literal: true })).toMatchObject({ card: { title: "20 credits at most" }, read: [] });
  await jobOf(press(playground, "imagine?literal", { prompt }));
  expect(playground.usecases.calls[0]?.draft).toMatchObject({ prompt, count: undefined });
});

test("leaves a prompt that is nothing but options to the bot as it is", async () => {
  expect((await quote({ prompt: "x3" })).read).toEqual([]);
});

test("prices a change as one of the job that it changes", async () => {
  const first = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "a fox" })));
  const asked: unknown[] = [];
  const real = playground.usecases.quote.bind(playground.usecases);
  playground.usecases.quote = (...call: unknown[]) => {
    asked.push(call[2]);
    return real(call[0] as Parameters<typeof real>[0]);
  };
  await quote({ prompt: "in winter", files: { references: 1, masked: true, of: `${first.id}:0` } });
  expect(asked).toEqual([{ references: 1, masked: true, of: { job: first.id, index: 0 } }]);
});

async function unfinished(path: string): Promise<{ id: string; address: string }> {
  playground.usecases.stopAt = "running";
  const { id } = await jobOf(press(playground, "imagine", { prompt: "a fox" }));
  await playground.usecases.proceed("running");
  playground.usecases.progress(id, { percent: 41.6, preview: path });
  const shown = (await (await get("/api/history")).json()) as { jobs: { percent: number; unfinished: string }[] };
  expect(shown.jobs[0]).toMatchObject({ percent: 42 });
  expect(JSON.stringify(shown)).not.toContain(playground.uploads);
  return { id, address: shown.jobs[0]?.unfinished ?? "" };
}

test("shows its owner what a service has drawn so far, and keeps it in no cache", async () => {
  const path = join(playground.uploads, "part");
  await writeFile(path, await pngOf(4, 4));
  const { address } = await unfinished(path);
  const answer = await get(address);
  expect(answer.headers.get("Content-Type")).toBe("image/png");
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(await pngOf(4, 4));
});

test("shows nobody else what is not finished, though they may know its number", async () => {
  const path = join(playground.uploads, "part");
  await writeFile(path, await pngOf(4, 4));
  const { address, id } = await unfinished(path);
  const job = playground.usecases.job.bind(playground.usecases);
  playground.usecases.job = async (asked) => ({ ...(await job(asked)), member: "web:another" });
  expect((await get(address)).status).toBe(404);
  expect((await get(`/images/${id}/unfinished`)).status).toBe(404);
});

test.each(["gone", "no-image"])("answers 404 for an unfinished image that is %s", async (name) => {
  const path = join(playground.uploads, name);
  if (name === "no-image") await writeFile(path, "not an image");
  const { address } = await unfinished(path);
  expect((await get(address)).status).toBe(404);
});

test("gives the images again, the data as a document, and takes back what is deleted", async () => {
  const { id } = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "a fox" })));
  const answerOf = async (command: string, answers = {}) => (await press(playground, command, answers)).json();
  expect(await answerOf("show", { job: id })).toMatchObject({ kind: "images", job: { id, final: true } });
  expect(await answerOf("history")).toMatchObject({ kind: "history", jobs: [{ id }] });
  const images = ["image", "reference"].map((what) => ({ name: `${id}-${what}-1.png`, path: "/srv/secret", bytes: 5 }));
  Object.assign(playground.usecases, { exportData: async () => ({ document: ["{", "}"], images }) });
  const data = await answerOf("privacy-export");
  expect(data).toMatchObject({ kind: "data", document: ["{", "}"], filename: "atelier-data.json" });
  expect((data as { images: unknown }).images).toEqual([{ name: `${id}-image-1.png`, url: `/images/${id}/0` }]);
  expect(JSON.stringify(data)).not.toContain("/srv/secret");
  expect(await answerOf("remove", { job: id })).toMatchObject({ kind: "removed" });
});

test("offers Delete for what has ended, whether it has images or not, and not before", async () => {
  const names = (job: { buttons: readonly { command: string }[] }) => job.buttons.map(({ command }) => command);
  playground.usecases.stopAt = "queued";
  const waiting = await jobOf(press(playground, "imagine", { prompt: "a fox", count: "2" }));
  expect(names(waiting)).toEqual([]);
  await playground.usecases.proceed("end");
  expect(names(await finished(playground, waiting))).toEqual(["edit", "again", "remove"]);
  playground.usecases.failNext("failed");
  const failed = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "a fox" })));
  expect(names(failed)).toEqual(["remove"]);
});

test("tells the settings, and pages through the history", async () => {
  await press(playground, "settings", { quality: "high", private: "no" });
  expect(await (await get("/api/settings")).json()).toEqual({ quality: "high", private: false });
  const asked: unknown[] = [];
  playground.usecases.history = async (_caller, query) => {
    asked.push(query);
    return [];
  };
  expect(await (await get("/api/history?search=red%20fox&before=job0001")).json()).toEqual({ jobs: [], more: false });
  expect(asked).toEqual([{ search: "red fox", before: "job0001", limit: 20 }]);
  expect((await get(`/api/history?search=${"x".repeat(201)}`)).status).toBe(400);
});

test("answers in the language that was chosen on the page", async () => {
  const headers = { Cookie: "atelier-language=zh-CN", "Accept-Language": "en" };
  expect(await (await get("/api/me", headers)).json()).toMatchObject({ language: "zh-CN", credits: "1,000 点" });
});
