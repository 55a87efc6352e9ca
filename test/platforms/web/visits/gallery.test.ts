import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller } from "../../../../src/contract/usecases.ts";
import { jsonOf, type OpenedPage, startVisits, type VisitStage } from "./visit-stage.ts";

let on: VisitStage;
let page: OpenedPage;

beforeEach(async () => {
  on = await startVisits();
  page = await on.open({ kind: "gallery" });
});
afterEach(() => on.close());

const draw = async (prompt: string, caller: Caller = on.house.caller(), count = 1, hidden = false) =>
  on.house.end(await on.house.usecases.imagine({ prompt, count, private: hidden }, caller));

interface Listed {
  readonly images: readonly {
    readonly job: string;
    readonly index: number;
    readonly prompt: string;
    readonly alt: string;
  }[];
  readonly more?: string;
}

const list = async (query = "") => (await (await on.ask(page, `api/images${query}`)).json()) as Listed;
const prompts = async (query?: string) => (await list(query)).images.map(({ prompt }) => prompt);

test("shows a member's own images there, the newest first, and nothing of anybody else or of elsewhere", async () => {
  await draw("a red bicycle", undefined, 2);
  await draw("theirs", on.house.caller("member-2"));
  await draw("elsewhere", on.house.caller("member-1", { tenant: "other guild" }));
  await draw("a private owl", undefined, 1, true);
  expect(await prompts()).toEqual(["a private owl", "a red bicycle", "a red bicycle"]);
});

test("finds prompts by their words, and goes on page by page", async () => {
  const member = () => on.house.caller("member-1");
  await draw("owl", member());
  await on.house.usecases.admin.grant("member-1", 50_000, on.house.caller("operator-1"));
  for (let n = 0; n < 26; n++) await draw(`owl ${n}`, member());
  expect(await prompts("?search=OWL%2025")).toEqual(["owl 25"]);
  const first = await list();
  expect(first.images).toHaveLength(24);
  expect(await prompts(`?before=${first.more}`)).toEqual(["owl 1", "owl 0", "owl"]);
  expect((await list(`?before=${first.more}`)).more).toBeUndefined();
});

test("gives each image as it was made, to keep, and a small one to look at", async () => {
  const { id } = await draw("a red bicycle");
  const whole = await on.ask(page, `images/${id}/0`);
  expect(whole.headers.get("Content-Disposition")).toBe(`attachment; filename="atelier-${id}-1.png"`);
  expect(whole.headers.get("Cache-Control")).toBe("no-store");
  expect(await sharp(Buffer.from(await whole.arrayBuffer())).metadata()).toMatchObject({ width: 1024, format: "png" });
  expect((await on.ask(page, `images/${id}/0?preview`)).status).toBe(200);
});

test("ids of others, of elsewhere, and ids that are none lead to nothing", async () => {
  const open = await draw("theirs", on.house.caller("member-2"));
  const elsewhere = await draw("mine elsewhere", on.house.caller("member-1", { tenant: "other guild" }));
  const own = await draw("own");
  for (const at of [`${open.id}/0`, `${elsewhere.id}/0`, `${own.id}/9`, `${own.id}/-1`, "..%2f..%2fx/0", "%00/0"]) {
    const answer = await on.ask(page, `images/${at}`);
    expect(answer.status, at).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get("Content-Type"), at).not.toContain("image");
  }
  for (const job of [open.id, elsewhere.id]) {
    expect((await on.ask(page, "api/remove", jsonOf({ job }))).status).toBe(422);
    expect((await on.ask(page, "api/paint", jsonOf({ job, index: 0 }))).status).toBe(422);
  }
  const kept = await on.house.database.db.selectFrom("job").select("id").where("erased_at", "is", null).execute();
  expect(kept).toHaveLength(3);
});

test("deletes what the button in the chat deletes: prompt, images and the messages that showed them", async () => {
  on.house.answers.push({ route: "channel", message: "message-1", messages: ["message-1", "message-2"] });
  const { id } = await draw("a red bicycle", undefined, 2);
  const answer = await on.ask(page, "api/remove", jsonOf({ job: id }));
  expect(answer.status).toBe(200);
  expect(on.house.platform.erased).toEqual([{ messages: ["message-1", "message-2"], tenant: "guild" }]);
  expect(await prompts()).toEqual([]);
  expect((await on.ask(page, `images/${id}/0`)).status).toBe(422);
  const jobs = await on.house.usecases.history(on.house.caller(), { limit: 5 });
  expect(jobs).toEqual([]);
});

test("nothing is deleted by a link, a picture or another site", async () => {
  const { id } = await draw("a red bicycle");
  const { headers, body } = jsonOf({ job: id });
  expect((await on.get(`${page.path}api/remove?job=${id}`, { Cookie: page.cookie })).status).toBe(404);
  const foreign = { ...(headers as Record<string, string>), Cookie: page.cookie, Origin: "https://evil.test" };
  expect((await on.post(`${page.path}api/remove`, { headers: foreign, body: body ?? "" })).status).toBe(403);
  const tokenless = { ...(headers as Record<string, string>), Cookie: page.cookie };
  expect((await on.post(`${page.path}api/remove`, { headers: tokenless, body: body ?? "" })).status).toBe(403);
  expect(await prompts()).toEqual(["a red bicycle"]);
});

test("leads to a page for painting, which is one of its own", async () => {
  const { id } = await draw("a red bicycle");
  const answer = await on.ask(page, "api/paint", jsonOf({ job: id, index: 0 }));
  const { page: path } = (await answer.json()) as { page: string };
  const setCookie = answer.headers.get("Set-Cookie") ?? "";
  expect(setCookie).toContain(`Path=${path};`);
  const [cookie = ""] = setCookie.split(";");
  expect(await (await on.get(path, { Cookie: cookie })).text()).toContain("Paint over an image");
  expect((await on.get(path, { Cookie: page.cookie })).status).toBe(403);
});

test("a gallery paints nothing, and a page for painting lists nothing", async () => {
  const { id } = await draw("a red bicycle");
  const painting = await on.open({ kind: "paint", of: { job: id, index: 0 } });
  for (const path of ["api/images", `images/${id}/0`]) expect((await on.ask(painting, path)).status, path).toBe(404);
  expect((await on.ask(painting, "api/remove", jsonOf({ job: id }))).status).toBe(404);
  for (const path of ["image", `api/jobs/${id}/events`]) expect((await on.ask(page, path)).status, path).toBe(404);
  expect((await on.ask(page, "api/quote", jsonOf({ prompt: "x" }))).status).toBe(404);
});

test("an address that no page writes is refused, not looked for", async () => {
  for (const query of ["?before=%00", "?before=..%2f", "?search=a%00b"]) {
    expect((await on.ask(page, `api/images${query}`)).status, query).toBe(query.includes("search") ? 200 : 422);
  }
});

test("a prompt is text, whatever it is made of", async () => {
  await draw('<img src=x onerror="alert(1)">');
  const answer = await on.ask(page, "api/images");
  expect(answer.headers.get("Content-Type")).toContain("application/json");
  expect(await (await on.ask(page, "")).text()).not.toContain("onerror");
});
