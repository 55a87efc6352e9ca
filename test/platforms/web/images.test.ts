import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Playground, startPlayground } from "./playground.ts";
import { finished, jobOf, press } from "./requests.ts";

let playground: Playground;
beforeEach(async () => {
  playground = await startPlayground();
});
afterEach(() => playground.close());

const get = (path: string) => fetch(`${playground.url}${path}`);

test("streams an image byte for byte, to be kept for good, under a name that says nothing", async () => {
  const made = press(playground, "imagine", { prompt: '"; filename=x.html', format: "jpeg" });
  const { id } = await finished(playground, await jobOf(made));
  const answer = await get(`/images/${id}/0`);
  const [image] = (await playground.usecases.job(id)).images;
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(
    await readFile(playground.usecases.pathOf(image ?? expect.fail("no image"))),
  );
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "image/jpeg",
    "content-disposition": `inline; filename="atelier-${id}-1.jpg"`,
    "cache-control": "private, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
  });
});

test("shows previews that fit into 2 MB", async () => {
  const { id, images } = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "x" })));
  expect(images[0]?.preview).toBe(`/images/${id}/0?preview`);
  expect((await get(`/images/${id}/0?preview`)).status).toBe(200);
  expect(playground.fitted).toEqual([{ bytes: 2_000_000, formats: ["png", "jpeg", "webp", "gif"] }]);
});

test("shows an animation whole where its preview would stand still", async () => {
  const { id } = await finished(playground, await jobOf(press(playground, "imagine", { prompt: "x" })));
  const [image] = (await playground.usecases.job(id)).images;
  Object.assign(image ?? expect.fail("no image"), { format: "gif" });
  const answer = await get(`/images/${id}/0?preview`);
  expect(answer.headers.get("Content-Type")).toBe("image/gif");
  expect(answer.headers.get("Content-Disposition")).toBe(`inline; filename="atelier-${id}-1.gif"`);
  const original = await readFile(playground.usecases.pathOf(image ?? expect.fail("no image")));
  expect(Buffer.from(await answer.arrayBuffer()).equals(original)).toBe(true);
});

test.each(["job0000/1", "nothing/0", "job0000/-1", "job0000/x", "job0000/9999", "..%2f..%2fetc/0"])(
  "has no image at %s",
  async (path) => {
    await finished(playground, await jobOf(press(playground, "imagine", { prompt: "x" })));
    const answer = await get(`/images/${path}`);
    expect([404, 422]).toContain(answer.status);
    expect(answer.headers.get("Content-Type")).toContain("text/plain");
  },
);
