import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { tokenhub } from "../../src/providers/services/tokenhub/tokenhub.ts";
import { textFor } from "../../src/text/text.ts";
import { type FakeAnswer, type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** Everything that can go wrong at a service, through a real adapter, to the sentence that the member reads. */
let house: TestBot;
let service: FakeTokenHub;

beforeEach(async () => {
  service = await startFakeTokenHub();
  house = await openService(60_000);
});
afterEach(async () => {
  await house.close();
  await service.close();
});

async function openService(timeoutMs: number, trustedOrigins: readonly string[] = []): Promise<TestBot> {
  const { apiKey, baseUrl } = service;
  const bot = await openRoom({
    trustedOrigins: [service.fileOrigin, ...trustedOrigins],
    providers: (tools) => [tokenhub.create({ apiKey, baseUrl, concurrency: 4, timeoutMs, extra: {} }, tools)],
  });
  await bot.work();
  return bot;
}

async function imagine(answer: FakeAnswer, count = 1): Promise<JobView> {
  service.answerNext(answer);
  return house.end(await house.usecases.imagine({ prompt: "x", count }, house.caller()));
}

const error = (status: number, body: unknown): FakeAnswer => ({ kind: "error", status, body });
const own = (code: string, message = "no") => ({ error: { code, message, type: "x", param: null } });

test.each<[string, FakeAnswer, string, RegExp]>([
  ["a wrong key", error(401, own("invalid_api_key")), "refused", /operator/],
  ["no money", error(402, own("insufficient_credits")), "refused", /operator/],
  ["no quota, as 429", error(429, own("insufficient_quota")), "refused", /operator/],
  ["a request that it does not take", error(400, own("invalid_value")), "refused", /did not accept/],
  ["moderation as OpenAI says it", error(400, own("moderation_blocked")), "moderated", /safety system/],
  [
    "moderation by a new-api relay",
    error(400, { error: { type: "new_api_error", code: "content_policy_violation", message: "x" } }),
    "moderated",
    /safety/,
  ],
  [
    "moderation by a shell relay",
    error(500, {
      error: {
        type: "shell_api_error",
        code: "",
        message: "Your request was rejected by the safety system. safety_violations=[sexual]",
      },
    }),
    "moderated",
    /safety/,
  ],
  ["moderation by status 451", error(451, own("blocked")), "moderated", /safety/],
  ["moderation inside a 200", error(200, own("moderation_blocked")), "moderated", /safety/],
  ["its own failure", error(500, own("generation_failed")), "failed", /tried and failed/],
  ["a page instead of an answer, 502", { kind: "html", status: 502 }, "unknown", /cannot tell/],
  ["a page instead of an answer, 504", { kind: "html", status: 504 }, "unknown", /cannot tell/],
  ["a page instead of an answer, 524", { kind: "html", status: 524 }, "unknown", /cannot tell/],
  ["a connection cut before the answer", { kind: "before-headers" }, "unknown", /cannot tell/],
  ["a connection cut in the middle", { kind: "mid-body" }, "unknown", /cannot tell/],
  ["an error inside a 200", error(200, own("generation_failed", "it failed")), "failed", /tried and failed/],
  ["no images", { kind: "empty" }, "damaged", /could not be read/],
  ["null images", { kind: "null" }, "damaged", /could not be read/],
  ["malformed JSON", { kind: "malformed" }, "damaged", /could not be read/],
])("%s: one call, no charge, the right words", async (_what, answer, outcome, words) => {
  const done = await imagine(answer);
  expect(done).toMatchObject({ state: "failed", failure: { outcome } });
  const said = textFor("en").job(done).paragraphs.join(" ");
  expect(said).toMatch(words);
  expect(said).toContain("not charged");
  expect(service.requests).toHaveLength(1);
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
});

test.each([
  ["with Retry-After", { "retry-after": "7" }, 7000],
  ["without Retry-After", {}, 10_000],
])("a 429 %s: the job waits as long, then runs", async (_how, headers, waitMs) => {
  service.answerNext({ ...error(429, own("rate_limit_exceeded")), headers });
  const asked = await house.usecases.imagine({ prompt: "x" }, house.caller());
  while (!house.log.lines.some(({ message }) => message.startsWith("trying again"))) await new Promise(setImmediate);
  house.world.advance(waitMs - 1);
  for (let looks = 0; looks < 20; looks++) await new Promise(setImmediate);
  expect(service.requests).toHaveLength(1);
  while ((await house.usecases.job(asked.id, house.caller())).state === "queued") {
    house.world.advance(1000);
    await new Promise(setImmediate);
  }
  expect((await house.end(asked)).state).toBe("delivered");
  expect(service.requests).toHaveLength(2);
});

test("an answer later than the deadline: given up, told, not charged, not sent again", async () => {
  await house.close();
  house = await openService(300);
  const done = await imagine({ kind: "hang" });
  expect(done).toMatchObject({ state: "failed", failure: { outcome: "unknown" } });
  expect(service.requests).toHaveLength(1);
});

test("fewer images, or smaller ones: what arrived is posted and charged as what it is", async () => {
  expect(await imagine({ kind: "data-uri", count: 2 }, 3)).toMatchObject({ state: "delivered", charged: 250 });
  const small = await house.usecases.imagine({ prompt: "x", size: "3840x2160" }, house.caller());
  expect((await house.end(small)).charged).toBe(500);
  expect(await imagine({ kind: "data-uri", size: "2048x2048" })).toMatchObject({ charged: 125 });
});

test("HTML that is called a PNG: not posted, not charged", async () => {
  await service.close();
  service = await startFakeTokenHub({ image: Buffer.from("<html>please log in</html>") });
  await house.close();
  house = await openService(60_000);
  expect(await imagine({ kind: "data-uri" })).toMatchObject({ state: "failed", failure: { outcome: "damaged" } });
  expect((await house.balance()).available).toBe(5000);
});

test("a result that has expired, or that leads to a private address: nothing is fetched there, nothing charged", async () => {
  const seen: string[] = [];
  const inside = await listening((path) => {
    seen.push(path);
    return { status: 200, location: undefined };
  });
  const outside = await listening((path) =>
    path === "/expired.png"
      ? { status: 403, location: undefined }
      : { status: 302, location: `${inside.origin}/secret` },
  );
  await house.close();
  house = await openService(60_000, [outside.origin]);
  for (const path of ["/expired.png", "/redirect.png"]) {
    const body = { created: 1, data: [{ url: `${outside.origin}${path}` }] };
    const done = await imagine(error(200, body));
    expect(done).toMatchObject({ state: "failed", failure: { outcome: "damaged" } });
  }
  expect(seen).toEqual([]);
  for (const { server } of [inside, outside]) server.close();
});

async function listening(answer: (path: string) => { status: number; location: string | undefined }) {
  const server: Server = createServer((request, response) => {
    const { status, location } = answer(request.url ?? "");
    response.writeHead(status, location ? { location } : {}).end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
