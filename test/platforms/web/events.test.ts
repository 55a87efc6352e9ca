import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestWorld, testWorld } from "../../support/world.ts";
import { type Playground, startPlayground } from "./playground.ts";
import { eventsOf, jobOf, jobsIn, press } from "./requests.ts";

let world: TestWorld;
let playground: Playground;
beforeEach(async () => {
  world = testWorld();
  playground = await startPlayground({}, world);
  playground.usecases.stopAt = "queued";
});
afterEach(() => playground.close());

const imagine = (prompt: string) => jobOf(press(playground, "imagine", { prompt }));
const address = (...ids: string[]) => `${playground.url}/api/jobs/${ids.join(",")}/events`;

/** Reads on until `enough` holds for all that has come so far. */
async function readUntil(
  reader: ReadableStreamDefaultReader<string>,
  enough: (all: string) => boolean,
): Promise<string> {
  let all = "";
  while (!enough(all)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended early, after: ${all}`);
    all += value;
  }
  return all;
}

async function open(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  if (!response.body) throw new Error("no stream");
  return { response, reader: response.body.pipeThrough(new TextDecoderStream()).getReader() };
}

test("tells a job now, then each change, and ends when it is final", async () => {
  const { id } = await imagine("a fox");
  const { response, reader } = await open(address(id));
  expect(response.headers.get("Content-Type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  const first = await readUntil(reader, (all) => jobsIn(all).length === 1);
  expect(jobsIn(first)).toMatchObject([{ state: "queued", final: false }]);
  await playground.usecases.proceed("end");
  const rest = await readUntil(reader, (all) => jobsIn(all).length === 2);
  expect(jobsIn(rest)).toMatchObject([{ state: "running" }, { state: "delivered", final: true }]);
  expect((await reader.read()).done).toBe(true);
});

test("follows several jobs by one stream, which ends with the last of them", async () => {
  const [first, second] = [await imagine("one"), await imagine("two")];
  const { reader } = await open(address(first.id, second.id));
  await readUntil(reader, (all) => jobsIn(all).length === 2);
  await playground.usecases.cancel(first.id);
  const cancelled = jobsIn(await readUntil(reader, (all) => jobsIn(all).length === 1));
  expect(cancelled).toMatchObject([{ id: first.id, state: "cancelled" }]);
  await playground.usecases.cancel(second.id);
  await readUntil(reader, (all) => jobsIn(all).length === 1);
  expect((await reader.read()).done).toBe(true);
});

test("tells a job that is final already once, and ends", async () => {
  const { id } = await imagine("a fox");
  await playground.usecases.cancel(id);
  expect(await eventsOf(address(id))).toMatchObject([{ state: "cancelled", final: true }]);
});

test("refuses a job that does not exist", async () => {
  const answer = await fetch(address("nothing"));
  expect(answer.status).toBe(422);
});

test("sends a sign of life every 15 seconds", async () => {
  const { id } = await imagine("a fox");
  const { reader } = await open(address(id));
  const beats = (all: string) => all.split(/^:$/m).length - 1;
  await readUntil(reader, (all) => beats(all) === 1 && jobsIn(all).length === 1);
  world.advance(15_000);
  await readUntil(reader, (all) => beats(all) === 1);
  await reader.cancel();
});

test("stops watching when the browser goes away", async () => {
  const { id } = await imagine("a fox");
  const { reader } = await open(address(id));
  await readUntil(reader, (all) => jobsIn(all).length === 1);
  expect(playground.usecases.watchers).toBe(1);
  await reader.cancel();
  for (let tries = 0; playground.usecases.watchers > 0 && tries < 10_000; tries++) await new Promise(setImmediate);
  expect(playground.usecases.watchers).toBe(0);
});

test("ends its streams when the platform stops", async () => {
  const { id } = await imagine("a fox");
  const { reader } = await open(address(id));
  await readUntil(reader, (all) => jobsIn(all).length === 1);
  await playground.web.stop();
  expect((await reader.read()).done).toBe(true);
});
