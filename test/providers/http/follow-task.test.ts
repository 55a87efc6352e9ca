import { expect, test } from "vitest";
import { isObject, type Json } from "../../../src/providers/decode/json.ts";
import { taskStarted } from "../../../src/providers/http/follow-task.ts";
import { type Answer, connectTo } from "../../../src/providers/http/http.ts";
import { failureOf } from "../call.ts";

const connection = connectTo({ name: "service", apiKey: "key", baseUrl: "http://127.0.0.1:9", timeoutMs: 1000 });
const idIn = (document: Json) => (isObject(document) && typeof document.id === "string" ? document.id : undefined);

function answering(text: string): Answer {
  const body = ReadableStream.from([Buffer.from(text)]);
  return { body, status: 200, headers: {}, reference: "call-1" } as Answer;
}

test("finds the id of the task that a paid call became", async () => {
  expect(await taskStarted(connection, answering('{"id": "task-1"}'), idIn)).toBe("task-1");
});

test.each([
  ["breaks off", '{"id": "tas'],
  ["is no JSON", "<html>"],
  ["has no id", '{"ok": true}'],
  ["is longer than any naming of a task", `{"id": "task-1", "more": "${"x".repeat(70_000)}"}`],
])("an answer that %s leaves the call unknown: a task may run all the same", async (_what, text) => {
  const error = await failureOf(taskStarted(connection, answering(text), idIn));
  expect(error).toMatchObject({ outcome: "unknown", reference: "call-1" });
});

test("an error in the answer says what became of the call", async () => {
  const text = '{"error": {"code": "content_policy_violation", "message": "no"}}';
  expect((await failureOf(taskStarted(connection, answering(text), idIn))).outcome).toBe("moderated");
});
