import { afterEach, beforeEach, expect, test } from "vitest";
import { commands } from "../../../commands/index.ts";
import { Refusal } from "../../../src/errors.ts";
import { type Playground, startPlayground } from "./playground.ts";
import { finished, jobOf, press, sentences } from "./requests.ts";

let playground: Playground;
beforeEach(async () => {
  playground = await startPlayground();
});
afterEach(() => playground.close());

const get = (path: string, headers = {}) => fetch(`${playground.url}${path}`, { headers });
const jsonOf = async (path: string, headers = {}) => (await get(path, headers)).json();

function quote(body: string, type = "application/json"): Promise<Response> {
  const headers = { Origin: playground.url, "Content-Type": type };
  return fetch(`${playground.url}/api/quote`, { method: "POST", headers, body });
}

test("describes every command's form from its fields, in the browser's language", async () => {
  const forms = (await jsonOf("/api/commands")) as { name: string; entry: string; fields: { name: string }[] }[];
  expect(forms.map(({ name }) => name)).toEqual(commands.map(({ name }) => name)); // an operator has them all
  expect(forms.find(({ name }) => name === "admin-grant")).toMatchObject({
    title: "admin grant",
    group: "For admins",
    entry: "typed",
  });
  expect(forms[0]?.fields).toContainEqual({
    name: "count",
    kind: "integer",
    label: "Count",
    hint: "How many images",
    required: false,
    min: 1,
    max: 10,
  });
  const chinese = await get("/api/commands", { "Accept-Language": "zh-TW, en;q=0.5" });
  expect(await chinese.text()).toContain("提示词");
});

test("tells the page its credits, words and limits", async () => {
  const me = await jsonOf("/api/me", { "Accept-Language": "zh-CN" });
  expect(me).toMatchObject({
    credits: "1,000 点",
    language: "zh-CN",
    signedIn: false,
    limits: { fileBytes: 50_000_000 },
  });
  expect(me).toHaveProperty("words.send", "发送");
});

test("quotes a draft without making a job", async () => {
  const answer = await quote(JSON.stringify({ prompt: "a red bicycle", count: 3, size: "1024x1024" }));
  expect(await answer.json()).toMatchObject({
    card: { title: "60 credits at most" },
    quote: { provider: "sandbox", unit: 20, total: 60, available: 1000, after: 940 },
  });
  expect(playground.usecases.jobs).toEqual([]);
});

test.each(["{", "[]", '"x"', "{}", '{"prompt":1}', '{"prompt":"x","images":[{"source":{"path":"/etc/passwd"}}]}'])(
  "refuses %s as a draft in words",
  async (body) => {
    const answer = await quote(body);
    expect(answer.status).toBe(400);
    expect(await sentences(answer)).toBe("This request cannot be understood.");
  },
);

test("refuses what is no draft, or too long for one", async () => {
  expect((await quote("prompt=x", "text/plain")).status).toBe(400);
  expect((await quote(JSON.stringify({ prompt: "x".repeat(300_000) }))).status).toBe(413);
});

test("runs a command as the one member of the playground, and answers with the job", async () => {
  playground.usecases.stopAt = "queued";
  const job = await jobOf(
    press(playground, "imagine", { prompt: "a red bicycle", size: "2048x1152", count: "2", private: "yes" }),
  );
  expect(job).toMatchObject({ state: "queued", final: false, prompt: "a red bicycle", count: 2, aspect: 2048 / 1152 });
  expect(job.card.title).toBe("Waiting: next in the queue");
  const [seen] = playground.usecases.calls;
  expect(seen?.caller).toMatchObject({
    platform: "web",
    tenant: "web",
    member: "web:local",
    name: "You",
    replyTarget: "{}",
  });
  expect(seen?.caller.rights).toBe("operator");
  expect(seen?.draft).toMatchObject({ prompt: "a red bicycle", size: "2048x1152", count: 2, private: true });
  expect(seen?.draft.quality).toBeUndefined();
  expect(playground.acknowledged).toHaveLength(1);
});

test("makes one job of one press, however often and however fast it is sent", async () => {
  const headers = { "Idempotency-Key": "one-press-only" };
  const send = () => jobOf(press(playground, "imagine", { prompt: "a red bicycle" }, headers));
  const jobs = [...(await Promise.all([send(), send(), send()])), await send()];
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  expect(playground.usecases.calls[0]?.caller.inbound).toBe("web:one-press-only");
  expect(playground.usecases.jobs).toHaveLength(1);
});

test.each(["", "short", "with spaces in it", "x".repeat(65)])("refuses “%s” as the key of a press", async (key) => {
  const answer = await press(playground, "imagine", { prompt: "x" }, { "Idempotency-Key": key });
  expect(answer.status).toBe(400);
  expect(await sentences(answer)).toContain("Idempotency-Key");
  expect(playground.usecases.calls).toEqual([]);
});

test("addresses buttons by job and image", async () => {
  const first = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "a fox", count: "2" })));
  const edit = await jobOf(press(playground, "edit", { job: `${first.id}:1`, prompt: "in winter" }));
  expect(edit).toMatchObject({ parent: first.id, references: 1, prompt: "in winter" });
  const again = await jobOf(press(playground, "again", { job: first.id }));
  expect(again).toMatchObject({ parent: first.id, references: 0, count: 2 });
});

test("answers with a card where the command does", async () => {
  const answer = await press(playground, "credits", {});
  expect(await answer.json()).toMatchObject({ kind: "card", card: { title: "1,000 credits available" } });
});

test("says a refusal in words, as 422", async () => {
  playground.usecases.failNext(new Refusal("too-many-queued", { limit: 10 }));
  const answer = await press(playground, "imagine", { prompt: "x" });
  expect(answer.status).toBe(422);
  expect(await sentences(answer)).toContain("You have 10 jobs waiting");
});

test("leaves an empty prompt to the bot's own words", async () => {
  const answer = await press(playground, "imagine", {});
  expect(answer.status).toBe(422);
  expect(await sentences(answer)).toBe("The prompt is empty: say what to draw.");
});

test("answers a bug with a reference that the log explains, and nothing else of it", async () => {
  playground.usecases.failNext(new Error("secret of the house at /srv/atelier.ts"));
  const answer = await press(playground, "imagine", { prompt: "x" });
  expect(answer.status).toBe(500);
  const text = await answer.text();
  const logged = playground.log.lines.filter(({ level }) => level === "error").map(({ facts }) => facts);
  expect(logged).toMatchObject([{ reference: expect.any(String) }]);
  expect(text).toContain((logged[0] as { reference: string }).reference);
  expect(text).not.toMatch(/secret|srv|\.ts/);
});

test.each([
  ["a command that does not exist", "conjure", {}, 404],
  ["a field that the command does not have", "imagine", { prompt: "x", colour: "red" }, 400],
  ["a count that is no whole number", "imagine", { prompt: "x", count: "1.5" }, 400],
  ["a job that is none", "again", { job: "../../etc" }, 422],
  ["no job", "again", {}, 400],
])("refuses %s", async (_, command, answers, status) => {
  const answer = await press(playground, command, answers as Record<string, string>);
  expect(answer.status).toBe(status);
  expect(await sentences(answer)).toMatch(/\.$/);
  expect(playground.usecases.calls).toEqual([]);
});

test("keeps the history, newest first, without what the page need not know", async () => {
  await finished(playground, await jobOf(press(playground, "imagine", { prompt: "first" })));
  const { id } = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "second" })));
  const answer = await get("/api/history");
  const text = await answer.text();
  const { jobs } = JSON.parse(text) as { jobs: { prompt: string; images: { url: string }[] }[] };
  expect(jobs.map(({ prompt }) => prompt)).toEqual(["second", "first"]);
  expect(jobs[0]?.images).toMatchObject([{ url: `/images/${id}/0`, filename: `atelier-${id}-1.png`, width: 1024 }]);
  expect(text).not.toMatch(/sha256|web:local|"file"/);
});

test("hides Upscale where there is nothing larger", async () => {
  const job = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "x", size: "3840x2160" })));
  expect(job.images[0]?.buttons.map(({ command }) => command)).toEqual([
    "edit",
    "vary",
    "style-save",
    "reference-save",
  ]);
});

test.each(["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", `"'></textarea><svg onload=alert(1)>`])(
  "never sends the prompt %s as a page",
  async (prompt) => {
    await jobOf(press(playground, "imagine", { prompt }));
    const history = await get("/api/history");
    expect(history.headers.get("Content-Type")).toContain("application/json");
    expect(history.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(await (await get("/")).text()).not.toContain(prompt);
  },
);

test("stores nothing of the API in caches", async () => {
  for (const path of ["/api/me", "/api/history", "/api/commands"]) {
    expect((await get(path)).headers.get("Cache-Control"), path).toBe("no-store");
  }
});

test("takes nothing before it is started, or once it is stopping", async () => {
  expect(playground.web.ready()).toBe(true);
  await playground.web.stop();
  expect(playground.web.ready()).toBe(false);
  expect((await press(playground, "imagine", { prompt: "x" })).status).toBe(503);
});

test("delivers by doing nothing: the page watches its jobs", async () => {
  const { id } = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "x" })));
  const job = await playground.usecases.job(id);
  const delivered = await playground.web.deliver({
    job,
    replyTarget: "{}",
    nonce: "n",
    repeated: false,
    spoiler: false,
  });
  expect(delivered).toEqual({ route: "channel", message: `web:${id}` });
});

test("asks before it spends much, unless the page has shown the price", async () => {
  const dear = { prompt: "a red bicycle", count: "30" };
  const asked = (await (await press(playground, "imagine", dear)).json()) as { card: { buttons: { job: string }[] } };
  expect(asked).toMatchObject({ kind: "card", card: { buttons: [{ command: "accept" }, { command: "decline" }] } });
  expect(playground.usecases.jobs).toEqual([]);
  const question = { job: asked.card.buttons[0]?.job ?? "" };
  const [first, second] = [press(playground, "accept", question), press(playground, "accept", question)];
  expect((await jobOf(first)).id).toBe((await jobOf(second)).id);
  expect(await jobOf(press(playground, "imagine?agreed", dear))).toMatchObject({ count: 30 });
  expect(playground.usecases.jobs).toHaveLength(2);
});
