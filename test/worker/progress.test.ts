import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { createChanges } from "../../src/jobs/changes.ts";
import { failWith, heldUp, type Script, succeed, unknownOutcome } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

const turn = () => new Promise(setImmediate);

describe("what a service shows of a running job", () => {
  let house: TestBot;
  beforeEach(async () => {
    house = await openRoom();
    await house.work();
  });
  afterEach(() => house.close());

  const imagine = () => house.usecases.imagine({ prompt: "x" }, house.caller());
  const now = ({ id }: { id: string }) => house.usecases.job(id, house.caller());
  const scratch = () => readdirSync(path.join(house.folder, "spool", "scratch"));

  /** Tells of half of the work and shows a preview, then waits. */
  function showing(then: Script) {
    const rest = heldUp(then);
    const script: Script = async function* (request, context) {
      yield { type: "progress", percent: 50 };
      const sink = await context.openPreview?.(0);
      await sink?.write(Buffer.from("unfinished"));
      await sink?.commit();
      yield { type: "partial", index: 0, path: sink?.path ?? "" };
      yield* rest(request, context);
    };
    return Object.assign(script, { shown: rest.sent, release: rest.release });
  }

  test.each<[string, Script, string]>([
    ["delivered", succeed(), "delivered"],
    ["failed", failWith(unknownOutcome(), "unsent"), "failed"],
  ])("is seen while it runs, and gone once it is %s", async (_end, then, state) => {
    const call = showing(then);
    house.provider.scripts.push(call);
    const asked = await imagine();
    await call.shown;
    const { progress } = await now(asked);
    expect(progress).toMatchObject({ percent: 50 });
    expect(existsSync(progress?.preview ?? "")).toBe(true);
    call.release();
    const done = await house.end(asked);
    expect(done).toMatchObject({ state, progress: undefined });
    expect(scratch()).toEqual([]);
    expect(house.context.changes.progressOf(asked.id)).toBeUndefined();
  });
});

test("progress is announced once a second at most, and is forgotten at the end", async () => {
  const changes = createChanges();
  let heard = 0;
  const listen = async () => {
    for (;;) {
      await changes.next("job", new AbortController().signal);
      heard += 1;
    }
  };
  void listen();
  for (let ms = 0; ms < 3000; ms += 100) {
    changes.show("job", { percent: ms / 30 }, ms);
    await turn();
  }
  changes.show("job", { preview: "/tmp/x" }, 2950);
  expect(heard).toBe(3);
  expect(changes.progressOf("job")).toEqual({ percent: 2900 / 30, preview: "/tmp/x" });
  changes.forget("job");
  expect(changes.progressOf("job")).toBeUndefined();
});

describe("when a job will probably start and end", () => {
  let house: TestBot;
  beforeEach(async () => {
    house = await openRoom();
  });
  afterEach(() => house.close());

  const imagine = (member = "member-1") => house.usecases.imagine({ prompt: "x" }, house.caller(member));
  const now = ({ id }: { id: string }) => house.usecases.job(id, house.caller());
  /** A call of that many seconds. */
  async function measure(seconds: number): Promise<void> {
    const slow = heldUp();
    house.provider.scripts.push(slow);
    const asked = await imagine("measured");
    await slow.sent;
    house.world.advance(seconds * 1000);
    slow.release();
    await house.end(asked);
    house.world.advance(10_000); // so long is remembered what was looked up
  }
  const inSeconds = ({ expected }: JobView) =>
    expected && [expected.startAt, expected.endAt].map((at) => at && Math.round((at - house.world.now()) / 1000));

  test("nobody knows before anything was measured", async () => {
    expect(await imagine()).toMatchObject({ expected: undefined });
  });

  test("is told from measured calls, free places and the member's own turn, and is seen by who watches", async () => {
    await house.work();
    await measure(8);
    const slow = heldUp();
    house.provider.scripts.push(slow);
    const first = await imagine();
    await slow.sent;
    const second = await imagine();
    house.world.advance(10_000);
    await turn();
    expect(inSeconds(await now(first))?.[0]).toBeUndefined();
    expect(inSeconds(await now(first))?.[1]).toBeGreaterThanOrEqual(1);
    const [startIn = 0, endIn = 0] = inSeconds(await now(second)) ?? [];
    expect(startIn).toBeGreaterThanOrEqual(1); // its member's first job still runs, although the service has places free
    expect(endIn).toBe(startIn + 8);
    const third = await imagine();
    expect(inSeconds(await now(third))?.[0]).toBe(startIn + 8);

    const watched: (number | undefined)[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const view of house.usecases.watch(second.id, stop.signal)) watched.push(view.expected?.startAt);
    })();
    while (new Set(watched).size < 3) {
      house.world.advance(2000);
      for (let looks = 0; looks < 10; looks++) await turn();
    }
    stop.abort();
    await watching;
    slow.release();
    for (const job of [first, second, third]) expect(await house.end(job)).toMatchObject({ expected: undefined });
  });
});
