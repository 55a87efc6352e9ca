import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider, ProviderEvent } from "../../../../src/providers/provider.ts";
import { apimodels } from "../../../../src/providers/services/apimodels/apimodels.ts";
import { type FakeApimodels, startFakeApimodels } from "../../../support/services/apimodels.ts";
import { type CallbackServer, openCallbackServer } from "../../../support/services/apimodels-callbacks.ts";
import type { TaskScript } from "../../../support/services/apimodels-tasks.ts";
import { failureOf, run, type TestCall, testCall, testRequest, testTools } from "../../call.ts";

describe("a task of apimodels", () => {
  let fake: FakeApimodels;
  let provider: Provider;
  let tools: ReturnType<typeof testTools>;
  let callback: CallbackServer;
  const slow = testRequest({ quality: "high" });
  const minute = 60_000;

  beforeEach(async () => {
    fake = await startFakeApimodels();
    tools = testTools();
    provider = providerOf();
    callback = await openCallbackServer(tools.world);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
    await callback.close();
    expect(fake.violations).toEqual([]);
  });

  const providerOf = () => {
    const { apiKey, baseUrl } = fake;
    return apimodels.create({ apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra: {} }, tools);
  };
  const script = (task: TaskScript) => fake.answerNext({ kind: "documented", task });
  const resume = (reference: string | undefined, call: TestCall, sentAt = tools.world.now()) => {
    if (!provider.resume) throw new Error("it cannot resume");
    return Array.fromAsync(provider.resume({ reference, sentAt }, slow, call));
  };
  const kinds = (events: readonly ProviderEvent[]) => events.map(({ type }) => type);

  describe("can be told of by a callback", () => {
    it("which wakes the call up early, and is never believed (AM-17, V10)", async () => {
      script({
        running: 1,
        callbacks: [{ beforePoll: 1, body: { state: "failed", taskId: "other", url: "http://evil" } }],
      });
      const call = testCall({ callback });
      await run(provider, slow, call);
      expect(tools.world.slept).toEqual([]);
      expect(fake.polls.map(({ id }) => id)).toEqual(["task-1", "task-1"]);
      expect(call.images.size).toBe(1);
    });

    it("early, twice, and in the wrong order (V10)", async () => {
      script({
        running: 2,
        callbacks: [
          { beforePoll: 0 },
          { beforePoll: 0 },
          { beforePoll: 3, body: { taskId: "TASK", state: "processing" } },
        ],
      });
      const call = testCall({ callback });
      expect((await run(provider, slow, call)).at(-1)).toEqual({ type: "done", reference: "task-1" });
      expect(callback.arrived.length).toBe(3);
      expect(call.images.size).toBe(1);
      expect(fake.charged).toBe(70);
    });

    it("any number of times, without being asked any faster (V10)", async () => {
      script({ running: 12, callbacks: Array.from({ length: 40 }, () => ({ beforePoll: 0, body: "junk" })) });
      await run(provider, slow, testCall({ callback }));
      expect(callback.taken).toBe(10);
      expect(tools.world.slept).toEqual([15_000, 15_000]);
    });

    it("even when callbacks cannot be looked for: then time alone counts", async () => {
      script({ running: 1 });
      const next = () => Promise.reject(new Error("the database is away"));
      const call = testCall({ callback: { url: callback.url, next } });
      expect((await run(provider, slow, call)).at(-1)?.type).toBe("done");
      expect(tools.world.slept).toEqual([2000]);
    });
  });

  describe("whose creation was never answered", () => {
    it("is named by its callback, asked for, and taken, without a second paid call (AM-17)", async () => {
      script({ lost: true, callbacks: [{ beforePoll: 0 }] });
      const call = testCall({ callback });
      const events = await run(provider, slow, call);
      expect(events[0]).toEqual({ type: "accepted", reference: "task-1" });
      expect(events.at(-1)).toEqual({ type: "done", reference: "task-1" });
      expect(call.images.size).toBe(1);
      expect(call.beforeSends).toBe(1);
      expect(fake.requests.length).toBe(1);
    });

    it("is waited for however late its callback is", async () => {
      const patient = await openCallbackServer();
      script({ lost: true, running: 0 });
      const call = testCall({ callback: patient });
      const running = run(provider, slow, call);
      await fake.arrived(1);
      await post(patient.url, { taskId: "task-1" });
      expect((await running).at(-1)).toEqual({ type: "done", reference: "task-1" });
      await patient.close();
    });

    it.each([
      [{ taskId: "task-1" }],
      [{ task_id: "task-1" }],
      [{ id: "task-1" }],
      [{ data: { taskId: "task-1" } }],
      [{ data: { id: "task-1", images: [{ id: "image-1", url: "http://evil" }] } }],
      [{ event: "done", task: { id: "task-1" } }],
    ])("is found by a callback of the shape %j (X-24, X-25)", async (body) => {
      script({ lost: true, callbacks: [{ beforePoll: 0, body }] });
      expect((await run(provider, slow, testCall({ callback }))).at(-1)).toEqual({ type: "done", reference: "task-1" });
    });

    it("is unknown after 15 minutes without a callback, as the call would be without", async () => {
      script({ lost: true });
      const startedAt = tools.world.now();
      expect((await failureOf(run(provider, slow, testCall({ callback })))).outcome).toBe("unknown");
      expect(tools.world.now() - startedAt).toBe(15 * minute);
      script({ lost: true });
      expect((await failureOf(run(provider, slow, testCall()))).outcome).toBe("unknown");
      expect(tools.world.now() - startedAt).toBe(15 * minute);
      expect(fake.polls).toEqual([]);
    });

    it("is not found by forged callbacks, which lead to nothing but failed questions (V10)", async () => {
      const forged = [
        { taskId: "forged", state: "completed", images: [{ url: "http://169.254.169.254/" }] },
        { taskId: "../x?y&task_id=task-1#z" },
        { taskId: { $ne: 1 } },
        { taskId: "x".repeat(300) },
        "TASK",
        [1, 2],
      ];
      script({ lost: true, callbacks: forged.map((body) => ({ beforePoll: 0, body })) });
      const call = testCall({ callback });
      expect((await failureOf(run(provider, slow, call))).outcome).toBe("unknown");
      expect(fake.polls).toEqual([
        { id: "forged", status: 404 },
        { id: "../x?y&task_id=task-1#z", status: 404 },
      ]);
      expect(call.sinks).toEqual([]);
    });

    it("is found behind forged callbacks, and while polling fails (V10)", async () => {
      script({
        lost: true,
        callbacks: [{ beforePoll: 0, body: { taskId: "forged" } }, { beforePoll: 0 }],
        polls: [{ status: 503, body: "busy" }, { body: undefined }],
      });
      const call = testCall({ callback });
      expect((await run(provider, slow, call)).at(-1)?.type).toBe("done");
      expect(fake.polls.slice(0, 3).map(({ id, status }) => [id, status])).toEqual([
        ["forged", 404],
        ["task-1", 503],
        ["task-1", 0],
      ]);
    });

    it("is not waited for where nobody was told to call back", async () => {
      fake.answerNext({ kind: "before-headers" });
      expect((await failureOf(run(provider, testRequest(), testCall({ callback })))).outcome).toBe("unknown");
      expect(tools.world.slept).toEqual([]);
    });

    it("is not waited for once the task is known, however it ends", async () => {
      script({ running: 0, end: "failed", reason: { code: "408", message: "it took too long" } });
      expect((await failureOf(run(provider, slow, testCall({ callback })))).outcome).toBe("unknown");
      expect(tools.world.slept).toEqual([]);
    });

    it("is not waited for when the call was given up", async () => {
      fake.answerNext({ kind: "hang" });
      const giveUp = new AbortController();
      const ended = failureOf(run(provider, slow, testCall({ callback, signal: giveUp.signal })));
      await fake.arrived(1);
      giveUp.abort();
      expect((await ended).outcome).toBe("unknown");
      expect(tools.world.slept).toEqual([]);
    });
  });

  describe("outlives the process", () => {
    const acceptedOnly = async () => {
      for await (const event of provider.generate(slow, testCall({ callback }))) {
        if (event.type === "accepted") return event.reference;
      }
      throw new Error("not accepted");
    };
    const restart = async () => {
      await provider.close();
      provider = providerOf();
    };

    it("and is followed on by its reference, without a paid request", async () => {
      script({ running: 3 });
      const reference = await acceptedOnly();
      await restart();
      const call = testCall({ callback });
      const events = await resume(reference, call);
      expect(kinds(events).slice(-2)).toEqual(["image", "done"]);
      expect(call.images.size).toBe(1);
      expect(call.beforeSends).toBe(0);
      expect(fake.requests.length).toBe(1);
    });

    it("and is found by its callback when nobody heard of it, even one that came meanwhile", async () => {
      script({ callbacks: [{ beforePoll: 0 }] });
      await acceptedOnly();
      await restart();
      const call = testCall({ callback });
      const events = await resume(undefined, call, tools.world.now() - 60 * minute);
      expect(kinds(events)).toEqual(["accepted", "progress", "progress", "image", "done"]);
      expect(call.beforeSends).toBe(0);
      expect(fake.requests.length).toBe(1);
    });

    it("and is unknown when nothing names it: 15 minutes after it was sent, or at once where nobody can call", async () => {
      const startedAt = tools.world.now();
      const sentAt = startedAt - 5 * minute;
      expect((await failureOf(resume(undefined, testCall({ callback }), sentAt))).outcome).toBe("unknown");
      expect(tools.world.now() - startedAt).toBe(10 * minute);
      expect((await failureOf(resume(undefined, testCall(), sentAt))).outcome).toBe("unknown");
      expect(tools.world.now() - startedAt).toBe(10 * minute);
      expect(fake.polls).toEqual([]);
    });

    it("and is unknown when the service never ends it before the new deadline (V11)", async () => {
      script({ running: null });
      const reference = await acceptedOnly();
      const giveUp = new AbortController();
      const ended = failureOf(resume(reference, testCall({ signal: giveUp.signal })));
      await fake.polled(3);
      giveUp.abort();
      expect((await ended).outcome).toBe("unknown");
    });
  });
});

async function post(url: string, body: unknown): Promise<void> {
  await fetch(url, { method: "POST", body: JSON.stringify(body) });
}
