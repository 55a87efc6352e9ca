import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider, ProviderEvent } from "../../../../src/providers/provider.ts";
import { apimodels } from "../../../../src/providers/services/apimodels/apimodels.ts";
import { type FakeApimodels, startFakeApimodels } from "../../../support/services/apimodels.ts";
import { drawImages } from "../../../support/services/apimodels-answers.ts";
import { type CallbackServer, openCallbackServer } from "../../../support/services/apimodels-callbacks.ts";
import type { TaskScript } from "../../../support/services/apimodels-tasks.ts";
import { failureOf, imageFolder, run, testCall, testRequest, testTools } from "../../call.ts";

describe("a task of apimodels", () => {
  let fake: FakeApimodels;
  let provider: Provider;
  let tools: ReturnType<typeof testTools>;
  let callback: CallbackServer;
  const slow = testRequest({ quality: "high" });

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
  const kinds = (events: readonly ProviderEvent[]) => events.map(({ type }) => type);

  describe("is what a call becomes", () => {
    it.each([
      ["1K of high quality", 1024, 1024, "high", "1:1", "1K"],
      ["1K of high quality, wide", 1536, 1024, "high", "3:2", "1K"],
      ["1K of high quality, tall", 1024, 1536, "high", "2:3", "1K"],
      ["2K", 2048, 2048, "low", "1:1", "2K"],
      ["2K, wide", 2048, 1152, "medium", "16:9", "2K"],
      ["2K, tall", 1152, 2048, "auto", "9:16", "2K"],
      ["4K", 3840, 2160, "low", "16:9", "4K"],
      ["4K, tall", 2160, 3840, "high", "9:16", "4K"],
    ] as const)(
      "for %s, by its shape and resolution where nobody can be called back (AM-9, AM-13, AM-15, X-20, X-22, X-23)",
      async (_what, width, height, quality, aspect_ratio, resolution) => {
        const call = testCall();
        await run(provider, testRequest({ size: { width, height }, quality, count: 2 }), call);
        expect(fake.requests[0]?.fields).toEqual({
          model: "gpt-image-2-all",
          prompt: "a fox",
          n: 2,
          quality,
          aspect_ratio,
          resolution,
        });
        expect(await sharp(call.images.get(1)).metadata()).toMatchObject({ width, height });
      },
    );

    it("for any slow size by the address to call back, beside the exact size (AM-15, AM-17, X-18)", async () => {
      const request = testRequest({ size: { width: 2016, height: 1008 } });
      const call = testCall({ callback });
      await run(provider, request, call);
      expect(fake.requests[0]).toMatchObject({
        task: "task-1",
        fields: { size: "2016x1008", callback_url: callback.url },
      });
      expect(await sharp(call.images.get(0)).metadata()).toMatchObject({ width: 2016, height: 1008 });
    });

    it("never for what is quick, for edits, and for free sizes that nobody can be called back about", async () => {
      const folder = await imageFolder();
      const references = [await folder.image("reference", 64, 64, "png")];
      await run(provider, testRequest({ quality: "medium" }), testCall({ callback }));
      await run(provider, testRequest({ quality: "high", references }), testCall({ callback }));
      await run(provider, testRequest({ size: { width: 2016, height: 1008 } }), testCall());
      await folder.remove();
      expect(fake.requests.map(({ task }) => task)).toEqual([undefined, undefined, undefined]);
      expect(fake.requests.map(({ fields }) => fields.size)).toEqual(["1024x1024", "1024x1024", "2016x1008"]);
    });

    it("or not, as the service likes: images are taken as they come (X-18)", async () => {
      fake.answerNext({ kind: "images" });
      const call = testCall({ callback });
      expect(kinds(await run(provider, testRequest({ quality: "high", count: 2 }), call))).toEqual([
        "image",
        "image",
        "done",
      ]);
      expect(fake.polls).toEqual([]);
    });

    it("not when it failed to become one, whatever id its error has (X-24)", async () => {
      fake.answerNext({
        kind: "error",
        status: 200,
        body: { id: "answer-1", error: { code: "x", message: "it failed" } },
      });
      expect((await failureOf(run(provider, slow, testCall({ callback })))).outcome).toBe("failed");
      expect(fake.polls).toEqual([]);
    });

    it("not when its images are there already, whatever id is beside them (X-18)", async () => {
      const [bytes = Buffer.of()] = await drawImages([64, 64], 1);
      const body = { task_id: "task-9", data: [{ url: fake.publish(bytes) }] };
      fake.answerNext({ kind: "error", status: 200, body });
      const call = testCall();
      expect(kinds(await run(provider, slow, call))).toEqual(["image", "done"]);
      expect(call.images.get(0)).toEqual(bytes);
    });

    it("even when images were asked for at once (X-18, X-24)", async () => {
      fake.answerNext({ kind: "task" });
      const call = testCall();
      expect(kinds(await run(provider, testRequest(), call))).toContain("accepted");
      expect(call.images.size).toBe(1);
    });
  });

  describe("is polled", () => {
    it("until it is completed, with a key, and tells of its progress (AM-2, AM-15, AM-16, X-25)", async () => {
      script({ running: 3 });
      const call = testCall();
      expect(await run(provider, slow, call)).toEqual([
        { type: "accepted", reference: "task-1" },
        { type: "progress", percent: 25 },
        { type: "progress", percent: 50 },
        { type: "progress", percent: 75 },
        { type: "progress", percent: 100 },
        { type: "image", index: 0 },
        { type: "done", reference: "task-1" },
      ]);
      expect(fake.polls).toEqual(Array.from({ length: 4 }, () => ({ id: "task-1", status: 200 })));
      expect(call.beforeSends).toBe(1);
      expect(fake.requests.length).toBe(1);
    });

    it("ever less often, from 2 to 15 seconds", async () => {
      script({ running: 8 });
      await run(provider, slow, testCall());
      expect(tools.world.slept).toEqual([2000, 3000, 4500, 6750, 10_125, 15_000, 15_000, 15_000]);
    });

    it("whatever goes wrong with polling, as that says nothing of the task", async () => {
      const gone = { code: 500, message: "try again" };
      script({
        running: 0,
        polls: [
          { body: undefined },
          { status: 500, body: { error: { message: "it failed" } } },
          { status: 502, body: "a gateway's page" },
          { status: 404, body: { code: 404, message: "not found yet" } },
          { status: 401, body: { error: "who are you" } },
          { status: 200, body: "a login page" },
          { status: 200, body: gone },
          { status: 200, body: { ...gone, data: null, status: "error" } },
        ],
      });
      const call = testCall();
      expect((await run(provider, slow, call)).at(-1)).toEqual({ type: "done", reference: "task-1" });
      expect(fake.polls.map(({ status }) => status)).toEqual([0, 500, 502, 404, 401, 200, 200, 200, 200]);
      expect(fake.requests.length).toBe(1);
    });

    it("after as long as a 429 asks for", async () => {
      const body = { error: { message: "slow down" } };
      script({
        running: 0,
        polls: [
          { status: 429, headers: { "retry-after": "40" }, body },
          { status: 429, body },
        ],
      });
      await run(provider, slow, testCall({ callback }));
      expect(tools.world.slept).toEqual([40_000, 3000]);
    });

    it.each([
      ["never ends", { running: null }],
      ["is completed without any image", { end: "no-images" }],
    ] as const)("to the deadline when it %s, and then nothing is known of it (V11)", async (_what, task) => {
      script(task);
      const giveUp = new AbortController();
      const call = testCall({ signal: giveUp.signal, callback });
      const ended = failureOf(run(provider, slow, call));
      await fake.polled(20);
      giveUp.abort();
      expect(await ended).toMatchObject({ outcome: "unknown", reference: "task-1" });
      expect(fake.requests.length).toBe(1);
      expect(call.images.size).toBe(0);
    });

    it.each([
      ["failed", "the model gave up", {}],
      ["moderated", "Your request was rejected by our safety system", {}],
      ["moderated", { code: "moderation_blocked", message: "no" }, {}],
      ["refused", { code: "insufficient_credits", message: "no" }, { refusedFor: "money" }],
    ] as const)("until it has %s: %j (AM-8, X-24)", async (outcome, reason, details) => {
      script({ end: "failed", reason });
      const error = await failureOf(run(provider, slow, testCall()));
      expect(error).toMatchObject({ outcome, ...details });
      expect(fake.charged).toBe(0);
    });

    it("again for fresh URLs when an image cannot be fetched, and keeps those that came", async () => {
      script({ running: 0 });
      const { download } = testCall();
      const failing = new Set(["/2.png", "/4.png"]);
      const call = testCall({
        download: (url, sink) => download(failing.has(new URL(url).pathname) ? `${url}-gone` : url, sink),
      });
      const events = await run(provider, testRequest({ quality: "high", count: 2 }), call);
      expect(events.filter(({ type }) => type === "image")).toEqual([
        { type: "image", index: 0 },
        { type: "image", index: 1 },
      ]);
      expect(fake.polls.length).toBe(3);
      expect(call.sinks.map(({ state }) => state)).toEqual(["committed", "discarded", "discarded", "committed"]);
    });

    it("three times at most for an image that cannot be fetched at all", async () => {
      script({ running: 0 });
      script({ running: 0 });
      const { download } = testCall();
      const none = testCall({ download: (url, sink) => download(`${url}-gone`, sink) });
      expect((await failureOf(run(provider, slow, none))).outcome).toBe("damaged");
      const firstOf = (url: string) => Number(/\d+(?=\.png)/.exec(url)) % 2 === 0;
      const first = testCall({ download: (url, sink) => download(firstOf(url) ? url : `${url}-gone`, sink) });
      await run(provider, testRequest({ quality: "high", count: 2 }), first);
      expect([...first.images.keys()]).toEqual([0]);
      expect(fake.polls.length).toBe(6);
    });

    it.each([
      ["a list of URLs", { data: { taskId: "TASK", status: "succeeded", result: ["URL"] } }],
      ["a result in a result", { data: { task_id: "TASK", status: "success", result: { images: [{ url: "URL" }] } } }],
      ["data as images have it", { status: "completed", data: [{ b64_json: "", url: "URL" }] }],
      ["bytes as images have them", { state: "completed", data: [{ b64_json: "BYTES", url: "" }] }],
      ["bytes deep within", { code: 200, data: { id: "TASK", state: "Completed", images: [{ b64_json: "BYTES" }] } }],
      ["a data URI", { task: { status: "done", output: { url: "data:image/png;base64,BYTES" } } }],
      ["no word for its state", { data: { taskId: "TASK", images: ["URL"] } }],
    ])("and read when it is told as %s (AM-16, X-24)", async (_what, document) => {
      const [bytes = Buffer.of()] = await drawImages([64, 64], 1);
      const text = JSON.stringify(document)
        .replace("URL", fake.publish(bytes))
        .replace("BYTES", bytes.toString("base64").replaceAll("/", "\\/"));
      script({ polls: [{ body: { data: { status: "queued" } } }, { body: JSON.parse(text) }] });
      const call = testCall();
      await run(provider, slow, call);
      expect(call.images.get(0)).toEqual(bytes);
      expect(fake.polls.length).toBe(2);
    });
  });
});
