import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobView, VisitPage } from "../../../../src/contract/usecases.ts";
import { photo } from "../../../images/samples.ts";
import { heldUp } from "../../../support/services/scripted-provider.ts";
import { formOf, jsonOf, type OpenedPage, startVisits, type VisitStage } from "./visit-stage.ts";

let on: VisitStage;
let job: JobView;
let page: OpenedPage;

beforeEach(async () => {
  on = await startVisits();
  const { usecases } = on.house;
  job = await on.house.end(await usecases.imagine({ prompt: "a red bicycle" }, on.house.caller()));
  page = await on.open(painting(), on.house.caller("member-1", { replyTarget: '{"channel":"7"}', name: "Ada" }));
});
afterEach(() => on.close());

const painting = (): VisitPage => ({ kind: "paint", of: { job: job.id, index: 0 } });
const send = (form: RequestInit, of = page) => on.ask(of, "api/paint", form);
const made = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Sent;

interface Sent {
  readonly job?: string;
  readonly confirmation?: string;
  readonly card: { readonly title: string; readonly paragraphs: readonly string[] };
}

/** A picture of one colour with a hole. */
async function png(name: string, { width, height, hole = true }: { width: number; height: number; hole?: boolean }) {
  const data = Buffer.alloc(width * height * 4, 255);
  if (hole) for (let at = 3; at < data.length; at += 4) data[at] = (at >> 2) % 256;
  const bytes = await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  return new File([new Uint8Array(bytes)], name, { type: "image/png" });
}

const alphaOf = (file: string | Buffer) => sharp(file).extractChannel("alpha").raw().toBuffer();

test("what was painted becomes an ordinary edit by the member, there where the link was asked for", async () => {
  const sent = await made(send(formOf({ prompt: "a green bicycle", quality: "low" })));
  const done = await on.house.end(await on.house.usecases.job(sent.job ?? "", on.house.caller()));
  expect(done).toMatchObject({
    ...{ parent: job.id, member: "member-1", memberName: "Ada", replyTarget: '{"channel":"7"}', state: "delivered" },
    request: { prompt: "a green bicycle", quality: "low", references: [{ file: job.images[0]?.file }] },
  });
  expect(on.house.posted.at(-1)).toMatchObject({ replyTarget: '{"channel":"7"}', job: { id: sent.job } });
  expect((await on.house.balance()).available).toBe(5000 - 2 * 125);
});

test("the mask arrives at the service with the very transparency that was painted", async () => {
  const mask = await png("mask.png", { width: 1024, height: 1024 });
  const painted = await alphaOf(Buffer.from(await mask.arrayBuffer()));
  const sent = await made(send(formOf({ prompt: "a green bicycle", mask })));
  await on.house.end(await on.house.usecases.job(sent.job ?? "", on.house.caller()));
  const arrived = on.house.provider.sent.at(-1)?.mask;
  if (!arrived) throw new Error("no mask was sent");
  expect(new Set(painted).size).toBe(256);
  expect((await alphaOf(on.house.context.images.pathOf(arrived))).equals(painted)).toBe(true);
});

test("a copy with what was drawn goes along behind the image", async () => {
  const markup = await png("markup.png", { width: 1024, height: 1024, hole: false });
  const sent = await made(send(formOf({ prompt: "follow the lines", markup })));
  const { request } = await on.house.usecases.job(sent.job ?? "", on.house.caller());
  expect(request.references.map(({ file }) => file.split("/")[0])).toEqual(["results", "inputs"]);
  expect(request.mask).toBeUndefined();
});

test("an image with room around it takes the place of the image, and its mask has its size", async () => {
  const canvas = await png("canvas.png", { width: 2048, height: 1152 });
  const mask = await png("mask.png", { width: 2048, height: 1152 });
  const size = "2048x1152";
  const sent = await made(send(formOf({ prompt: "more of it", canvas, mask, size })));
  const { request, parent } = await on.house.usecases.job(sent.job ?? "", on.house.caller());
  expect(parent).toBe(job.id);
  expect(request).toMatchObject({
    references: [{ width: 2048, height: 1152 }],
    mask: { width: 2048, height: 1152 },
    size: { width: 2048, height: 1152 },
  });
});

test("the price on the page is that of the order, also with room around the image", async () => {
  const quoted = await on.ask(page, "api/quote", jsonOf({ prompt: "", added: 0, masked: true, canvas: false }));
  expect((await made(quoted)).card.title).toBe("125 credits at most");
  const roomy = jsonOf({ prompt: "x", added: 1, masked: true, canvas: true, size: "2048x1152" });
  expect((await made(on.ask(page, "api/quote", roomy))).card.title).toBe("250 credits at most");
});

test("the same press makes one job, however often it arrives", async () => {
  const form = () => formOf({ prompt: "a green bicycle" }, "press-0001");
  const jobs = await Promise.all([made(send(form())), made(send(form())), made(send(form()))]);
  expect(new Set(jobs.map((each) => each.job)).size).toBe(1);
});

test("above what the member spends unasked, the page is asked first, and yes and no count", async () => {
  await on.house.usecases.changeSettings({ confirmAbove: 100 }, on.house.caller());
  const answer = async (yes: boolean) => {
    const asked = await made(send(formOf({ prompt: "a green bicycle" })));
    expect(asked.job).toBeUndefined();
    expect(asked.card).toMatchObject({ title: expect.stringContaining("125 credits") });
    return made(on.ask(page, `api/confirmations/${asked.confirmation}`, jsonOf({ yes })));
  };
  expect((await answer(false)).job).toBeUndefined();
  expect(await on.house.usecases.history(on.house.caller(), { limit: 9 })).toHaveLength(1);
  const { job: id = "" } = await answer(true);
  expect((await on.house.usecases.job(id, on.house.caller())).request.prompt).toBe("a green bicycle");
});

test("nobody answers a question that another was asked", async () => {
  const theirs = await on.open(painting(), on.house.caller("member-2"));
  await on.house.usecases.changeSettings({ confirmAbove: 100 }, on.house.caller());
  const { confirmation } = await made(send(formOf({ prompt: "a green bicycle" })));
  const answered = await on.ask(theirs, `api/confirmations/${confirmation}`, jsonOf({ yes: true }));
  expect(answered.status).toBe(422);
  expect((await made(answered)).job).toBeUndefined();
});

test.each<[string, (stage: VisitStage) => Promise<unknown>, string]>([
  [
    "was blocked",
    ({ house }) => house.usecases.admin.block("member-1", true, house.caller("boss", { rights: "admin" })),
    "You may not make images here.",
  ],
  ["lost the image", ({ house }) => house.usecases.remove(job.id, house.caller()), "deleted"],
  [
    "meets a pause",
    ({ house }) => house.usecases.admin.pause("maintenance", house.caller("operator-1")),
    "maintenance",
  ],
])(
  "a member who %s between link and sending is refused in a sentence, and nothing is held",
  async (_, change, word) => {
    await change(on);
    const refused = await send(formOf({ prompt: "a green bicycle" }));
    expect(refused.status).toBe(422);
    expect((await made(refused)).card.paragraphs.join(" ")).toContain(word);
    expect(await on.house.balance()).toEqual({ available: 4875, held: 0 });
  },
);

test("words that a place does not want, an empty prompt and an unreadable mask are refused as elsewhere", async () => {
  const mask = new File(["no image"], "mask.png", { type: "image/png" });
  for (const [values, sentence] of [
    [{ prompt: " " }, "prompt"],
    [{ prompt: "x", mask }, "mask.png"],
  ] as const) {
    const refused = await send(formOf(values));
    expect(refused.status).toBe(422);
    expect((await made(refused)).card.paragraphs.join(" ")).toContain(sentence);
  }
  expect((await send(formOf({ prompt: "x", job: "other" }))).status).toBe(400);
  expect(await on.house.balance()).toEqual({ available: 4875, held: 0 });
});

test("a page tells how its member's jobs stand in words, and of no one else's", async () => {
  const { job: id = "" } = await made(send(formOf({ prompt: "a green bicycle" })));
  await on.house.end(await on.house.usecases.job(id, on.house.caller()));
  const stream = await (await on.ask(page, `api/jobs/${id}/events`)).text();
  expect(stream).toContain('"final":true');
  expect(stream).not.toContain("images/");
  const open = await on.house.usecases.imagine({ prompt: "theirs" }, on.house.caller("member-2"));
  const other = await on.ask(page, `api/jobs/${open.id}/events`);
  expect(other.status).toBe(422);
  expect(await other.text()).not.toContain("theirs");
});

test("an image from a chat is painted over in the same way, and shown to its member alone", async () => {
  const bytes = await photo().png().toBuffer();
  const at = `${on.house.folder}/found.png`;
  await sharp(bytes).toFile(at);
  const file = { filename: "found.png", source: { path: at } };
  const found = await on.open({ kind: "paint-file", file });
  const shown = await on.ask(found, "image");
  expect(shown.headers.get("Content-Type")).toBe("image/png");
  const sent = await made(send(formOf({ prompt: "in oil" }), found));
  const { request } = await on.house.usecases.job(sent.job ?? "", on.house.caller());
  expect(request.references).toHaveLength(1);
  const other = await on.open(painting(), on.house.caller("member-2"));
  expect((await on.get(`${found.path}image`, { Cookie: other.cookie })).status).toBe(403);
});

test("a page keeps six streams open: the next one ends the oldest", async () => {
  const held = heldUp();
  on.house.provider.scripts.push(held);
  const { job: id = "" } = await made(send(formOf({ prompt: "a green bicycle" })));
  const streams = await Promise.all(Array.from({ length: 6 }, () => on.ask(page, `api/jobs/${id}/events`)));
  const seventh = await on.ask(page, `api/jobs/${id}/events`);
  const ended = await streams[0]?.text();
  expect(ended).not.toContain('"final":true');
  held.release();
  await Promise.all([...streams.slice(1), seventh].map((each) => each.text()));
});

test("ids that are none are refused before anything looks for them", async () => {
  for (const path of ["api/jobs/%00/events", "api/jobs/..%2f1/events"]) {
    expect((await on.ask(page, path)).status, path).toBe(422);
  }
  expect((await on.ask(page, "api/confirmations/%00", jsonOf({ yes: true }))).status).toBe(422);
  expect((await on.get("/visit/s/%00/", { Cookie: page.cookie })).status).toBe(410);
});

test("the page is told its image, its services and what is left to spend", async () => {
  const me = (await (await on.ask(page, "api/me")).json()) as Record<string, unknown>;
  expect(me).toMatchObject({
    credits: "4,875 credits",
    image: { width: 1024, height: 1024, alt: "Generated image: a red bicycle" },
    services: [{ name: "service", label: "Service", masks: true }],
  });
  expect(Object.keys(me).toSorted()).toEqual(["credits", "image", "qualities", "services", "words"]);
});
