import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller, JobView, VisitPage } from "../../../src/contract/usecases.ts";
import { createVisitLinks } from "../../../src/server/visit-links.ts";
import { createUseCases } from "../../../src/usecases/create-usecases.ts";
import { sweepOnce } from "../../../src/usecases/privacy/retention.ts";
import { photo } from "../../images/samples.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";
import { setFileTimes, spoolFiles } from "../../worker/spool-clock.ts";

const minuteMs = 60_000;
let house: TestBot;
let job: JobView;

beforeEach(async () => {
  house = await openRoom({ pages: "https://atelier.test/visit/" });
  await house.work();
  job = await house.end(await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller()));
});
afterEach(() => house.close());

const refused = (code: string) => ({ code });
const tokenOf = (link: string) => link.replace("https://atelier.test/visit/", "");
const painting = (): VisitPage => ({ kind: "paint", of: { job: job.id } });
const offered = async (page = painting(), caller: Caller = house.caller()) =>
  tokenOf(await house.usecases.visits.offer(page, caller));

/** Files that members brought, as they lie on the disk. */
const inputs = () => spoolFiles(house).flatMap(({ file }) => (file.startsWith("inputs/") ? [file] : []));

async function file() {
  const at = path.join(house.folder, "found.png");
  writeFileSync(at, await photo().png().toBuffer());
  return { filename: "found.png", source: { path: at } };
}

test("a link leads its member to the image, and to nobody else's rights", async () => {
  const token = await offered(painting(), house.caller("member-1", { rights: "admin", name: "Ada" }));
  const { visits } = house.usecases;
  expect(await visits.look(token)).toEqual({ kind: "paint", name: "Ada" });
  const visit = await visits.open(token, "a session");
  expect(visit).toMatchObject({ page: { kind: "paint", of: { job: job.id, index: 0 } }, caller: { name: "Ada" } });
  expect(visit.caller.rights).toBeUndefined();
  expect(await visits.find(visit.id, "a session")).toEqual(visit);
  expect((await visits.image(visit)).image.file).toBe(job.images[0]?.file);
});

test("looking at a link does not use it up; opening it does, once over all processes", async () => {
  const token = await offered();
  const other = createUseCases(house.context);
  for (const { visits } of [house.usecases, other, house.usecases]) await visits.look(token);
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => (n % 2 ? house.usecases : other).visits.open(token, `session ${n}`)),
  );
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const each of tries) if (each.status === "rejected") expect(each.reason).toMatchObject(refused("link-used"));
  await expect(other.visits.look(token)).rejects.toMatchObject(refused("link-used"));
});

test("a link is too old after 15 minutes, also when nothing of it is kept any more", async () => {
  const token = await offered();
  house.world.advance(15 * minuteMs - 1);
  await house.usecases.visits.look(token);
  house.world.advance(1);
  await expect(house.usecases.visits.open(token, "s")).rejects.toMatchObject(refused("link-late"));
  house.world.advance(24 * 60 * minuteMs);
  await sweepOnce(house.context);
  expect(await house.database.db.selectFrom("visit").selectAll().execute()).toEqual([]);
  await expect(house.usecases.visits.look(token)).rejects.toMatchObject(refused("link-late"));
});

test("a link that was changed, shortened or signed with another secret is none", async () => {
  const token = await offered();
  const [id = "", until = "", mac = ""] = token.split(".");
  const elsewhere = tokenOf(
    createVisitLinks("other", "https://atelier.test/visit/").sign({ id, until: Number(until) }),
  );
  const last = mac.slice(0, -1) + (mac.endsWith("A") ? "B" : String.fromCharCode(mac.charCodeAt(21) + 1));
  const forged = [
    elsewhere,
    `${id}.${Number(until) + 1}.${mac}`,
    `x${id}.${until}.${mac}`,
    `${id}.${until}.${last}`,
    `${id}.${until}`,
    `${token}=`,
    "",
    "../../etc/passwd",
  ];
  for (const each of forged) {
    await expect(house.usecases.visits.look(each), each).rejects.toMatchObject(refused("link-unknown"));
    await expect(house.usecases.visits.open(each, "s"), each).rejects.toMatchObject(refused("link-unknown"));
  }
  await house.usecases.visits.look(token);
});

test("a page belongs to the session that opened it, for an hour", async () => {
  const { visits } = house.usecases;
  const own = await visits.open(await offered(), "own");
  const other = await visits.open(await offered({ kind: "gallery" }, house.caller("member-2")), "other");
  for (const session of [undefined, "", "other", "OWN"]) {
    await expect(visits.find(own.id, session)).rejects.toMatchObject(refused("visit-not-yours"));
  }
  await expect(visits.find(other.id, "own")).rejects.toMatchObject(refused("visit-not-yours"));
  await expect(visits.find("nobody", "own")).rejects.toMatchObject(refused("visit-over"));
  house.world.advance(60 * minuteMs);
  await expect(visits.find(own.id, "own")).rejects.toMatchObject(refused("visit-over"));
});

test("a link that was not opened stands for no session", async () => {
  const token = await offered();
  await expect(house.usecases.visits.find(token.split(".")[0] ?? "", "")).rejects.toMatchObject(refused("visit-over"));
});

test("no link is given to an image that the member may not see, or that is gone", async () => {
  const hidden = await house.end(
    await house.usecases.imagine({ prompt: "secret", private: true }, house.caller("member-2")),
  );
  const offer = (of: { job: string; index?: number }) =>
    house.usecases.visits.offer({ kind: "paint", of }, house.caller());
  await expect(offer({ job: hidden.id })).rejects.toMatchObject(refused("job-unknown"));
  await expect(offer({ job: "nothing" })).rejects.toMatchObject(refused("job-unknown"));
  await expect(offer({ job: job.id, index: 7 })).rejects.toMatchObject(refused("job-has-no-images"));
  await house.usecases.remove(job.id, house.caller());
  await expect(offer({ job: job.id })).rejects.toMatchObject(refused("job-erased"));
  expect(await house.database.db.selectFrom("visit").selectAll().execute()).toEqual([]);
});

test("an image that is deleted after the link was made is not shown any more", async () => {
  const visit = await house.usecases.visits.open(await offered(), "s");
  await house.usecases.remove(job.id, house.caller());
  await expect(house.usecases.visits.image(visit)).rejects.toMatchObject(refused("job-erased"));
});

test("whoever is forgotten loses links and pages with the files that they start from; the export names them before", async () => {
  const visit = await house.usecases.visits.open(await offered({ kind: "paint-file", file: await file() }), "s");
  const waiting = await offered();
  expect((await house.usecases.visits.image(visit)).image.width).toBeGreaterThan(0);
  const { document, images } = await house.usecases.exportData(house.caller());
  const names = images.map(({ name }) => name);
  const { visits } = JSON.parse(document.join(""));
  expect(visits).toMatchObject([{ page: "paint-file", image: expect.toBeOneOf(names) }, { page: "paint" }]);
  expect(JSON.stringify(visits)).not.toContain("session");
  await house.usecases.deleteData(house.caller());
  await expect(house.usecases.visits.find(visit.id, "s")).rejects.toMatchObject(refused("visit-over"));
  await expect(house.usecases.visits.look(waiting)).rejects.toMatchObject(refused("link-late"));
  expect(inputs()).toEqual([]);
});

test("the file of a page is kept while the page is open, and goes after that", async () => {
  await house.usecases.visits.open(await offered({ kind: "paint-file", file: await file() }), "s");
  setFileTimes(house);
  house.world.advance(70 * minuteMs);
  await sweepOnce(house.context);
  expect(inputs()).toHaveLength(1);
  house.world.advance(24 * 60 * minuteMs);
  await sweepOnce(house.context);
  expect(inputs()).toEqual([]);
});

test("pages close where the bot was removed", async () => {
  const caller = house.caller();
  const visit = await house.usecases.visits.open(await offered(painting(), caller), "s");
  await house.usecases.tenantGone(caller.tenant);
  await expect(house.usecases.visits.find(visit.id, "s")).rejects.toMatchObject(refused("visit-over"));
});

test("a member has 50 links and pages at a time: the next takes the place of the oldest", async () => {
  const first = await offered();
  const others = house.caller("member-2");
  const theirs = await offered({ kind: "gallery" }, others);
  house.world.advance(1);
  for (let n = 0; n < 50; n++) await offered({ kind: "gallery" });
  await expect(house.usecases.visits.look(first)).rejects.toMatchObject(refused("link-late"));
  expect((await house.usecases.visits.look(theirs)).kind).toBe("gallery");
  expect(await house.database.db.selectFrom("visit").select("id").execute()).toHaveLength(51);
});

test("the text of the database opens no page", async () => {
  const token = await offered();
  const visit = await house.usecases.visits.open(token, "the session");
  const rows = JSON.stringify(await house.database.db.selectFrom("visit").selectAll().execute());
  expect(rows).toContain(visit.id);
  expect(rows).not.toContain("the session");
  expect(rows).not.toContain(token);
});
