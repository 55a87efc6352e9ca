import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createLearntSecrets } from "../../src/app/learnt-secrets.ts";
import { createLog } from "../../src/app/log.ts";

async function logged(pretty: boolean, write: (log: Awaited<ReturnType<typeof createLog>>) => void): Promise<string> {
  const out = new PassThrough();
  const log = await createLog({ level: "debug", secrets: ["th-canary-key", "abc"], pretty, out });
  write(log);
  await new Promise(setImmediate);
  return String(out.read() ?? "");
}

test.each([false, true])("prints no secret, wherever it stands (pretty: %s)", async (pretty) => {
  const line = await logged(pretty, (log) => {
    const cause = new Error("GET https://x/?key=th-canary-key failed");
    log
      .child({ note: "th-canary-key" })
      .error({ err: cause, headers: { authorization: "Bearer other-secret-1" } }, "th-canary-key");
    log.info({ url: "https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246MTIzNDU2Nzg5/messages" }, "sent");
    log.info({ token: "xoxb-123-456-abcdef" }, "slack");
  });
  expect(line).not.toMatch(/th-canary|other-secret|aW50ZXJh|xoxb-/);
  expect(line).toContain("failed");
  expect(line).toContain("sent");
});

test("leaves short values alone, which would match by accident", async () => {
  expect(await logged(false, (log) => log.info({}, "abc"))).toContain("abc");
});

test("prints one line of JSON for a machine, with the time", async () => {
  const line = await logged(false, (log) => log.info({ job: "j1" }, "job accepted"));
  expect(JSON.parse(line)).toMatchObject({ job: "j1", msg: "job accepted", time: expect.stringMatching(/^\d{4}-/) });
});

test.each(['quo"te\\back', "sla/sh+plus", "päss wörd"])(
  "knows a secret also as JSON and URLs write it: %s",
  async (secret) => {
    const out = new PassThrough();
    const log = await createLog({ level: "debug", secrets: [secret], pretty: false, out });
    log.info(
      { plain: secret, inside: JSON.stringify({ secret }), url: `https://x/?k=${encodeURIComponent(secret)}` },
      "sent",
    );
    await new Promise(setImmediate);
    const line = JSON.parse(String(out.read()));
    expect(line).toMatchObject({ plain: "[removed]", url: "https://x/?k=[removed]", msg: "sent" });
    expect(line.inside).not.toContain("ck");
  },
);

test("prints no field that is named like a secret, however deep, and no address where a service calls back", async () => {
  const line = await logged(false, (log) => {
    const headers = { authorization: "Basic Zm9v", cookie: "a=1", "x-api-key": "unknown-1", accept: "kept" };
    log.info({ request: { headers }, password: 'with \\"quotes\\"', refresh_token: "unknown-2" }, "sent");
    log.info({ url: "https://bot.example/callbacks/0123456789abcdef0123" }, "called back");
  });
  expect(line).not.toMatch(/Zm9v|a=1|unknown|quotes|0123456789/);
  expect(line).toContain("kept");
});

const hostile = "\x1b]0;mine\x07\x1b[2J\x9b2J\u202eko\n[12:00:00] INFO: job accepted";

const colour = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

test.each([false, true])("obeys nothing that a member, a service or a file wrote (pretty: %s)", async (pretty) => {
  const line = await logged(pretty, (log) => {
    const error = Object.assign(new Error(hostile), { body: { message: hostile }, name: hostile });
    log.error({ err: error, filename: hostile, [hostile]: [hostile], nested: { deep: { deeper: hostile } } }, hostile);
  });
  const own = pretty ? line.replaceAll(colour, "") : line; // colours are the log's own
  expect(own).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}]|\u202e/u);
  expect(own.split("\n").filter((one) => /^\[12:00:00\] INFO/.test(one))).toEqual([]);
  expect(own).toContain("job accepted");
});

test.each([false, true])("hides what comes to be known only later, from then on (pretty: %s)", async (pretty) => {
  const out = new PassThrough();
  const learnt = createLearntSecrets();
  const log = await createLog({ level: "debug", secrets: ["th-canary-key"], learnt, pretty, out });
  log.info({}, "before: sk-of-a-place");
  learnt.add("sk-of-a-place");
  learnt.add("sk-of-a-place");
  learnt.add("");
  log.child({ note: "sk-of-a-place" }).info({ err: new Error("sk-of-a-place") }, "after: sk-of-a-place th-canary-key");
  await new Promise(setImmediate);
  const [before = "", ...after] = String(out.read()).split("\n");
  expect(before).toContain("sk-of-a-place");
  expect(after.join()).toContain("after: [removed] [removed]");
  expect(after.join()).not.toMatch(/sk-of-a-place|canary/);
});

test("knows the latest of very many such values", () => {
  const learnt = createLearntSecrets();
  for (let at = 0; at < 1200; at += 1) learnt.add(`secret ${at}`);
  expect(learnt.values.length).toBeLessThanOrEqual(500);
  expect(learnt.values.at(-1)).toBe("secret 1199");
});
