import { describe, expect, it } from "vitest";
import { taskIdIn, taskIn } from "../../../../src/providers/services/apimodels/documents.ts";

const url = "https://r2.apimodels.app/1.png";

describe("taskIn", () => {
  it.each([
    ["completed", { code: 200, data: { taskId: "t", state: "completed", images: [{ url }] } }],
    ["completed", { status: "SUCCEEDED", images: [url] }],
    ["completed", { status: 200, data: { task_id: "t", status: "success", result: { images: [url] } } }],
    ["completed", { status: "ok", data: { taskId: "t", results: [{ url }] } }],
    ["completed", { data: [{ url }] }],
    ["completed", { data: { taskId: "t", state: "completed", error: { message: "a warning" } } }],
    ["completed", { data: { taskId: "t", state: "completed", images: [] } }],
    ["running", { status: "success", data: { taskId: "t", state: "processing" } }],
    ["running", { data: { taskId: "t", status: "IN_PROGRESS", images: [url] } }],
    ["running", { data: { taskId: "t" } }],
    ["running", {}],
    ["running", null],
    ["failed", { code: 200, data: { taskId: "t", state: "failed" } }],
    ["failed", { task_id: "t", status: "error", error: "it broke" }],
    ["failed", { data: { taskId: "t", error: { code: "x" } } }],
    ["failed", { data: { status: "cancelled" } }],
    // These say that asking failed; the task may be well.
    ["running", { code: 500, message: "try again" }],
    ["running", { error: { code: "rate_limited", message: "slow down" } }],
    ["running", { status: "error", message: "not found" }],
    ["running", { status: "error", data: null }],
  ])("is %s by %j (X-24)", (state, document) => {
    expect(taskIn(document).state).toBe(state);
  });

  it.each([
    [true, { data: { taskId: "t" } }],
    [true, { status: "completed" }],
    [false, { code: 404, message: "task not found" }],
    [false, { error: "no" }],
    [false, {}],
  ])("knows a task: %s by %j", (known, document) => {
    expect(taskIn(document).known).toBe(known);
  });

  it.each([
    [[url], { data: { output: url } }],
    [[url], { data: { url } }],
    [[url], { result: { url } }],
    [[undefined, url], { images: [{ b64_json: null }, { b64_json: "", url }] }],
    [[url, undefined], { image_urls: [url, "no URL"] }],
    [[], { images: ["ftp://a/b", 1, null], data: { taskId: "t" } }],
  ])("has the images %j by %j (X-24)", (urls, document) => {
    expect(taskIn(document).urls).toEqual(urls);
  });

  it.each([
    [45, { data: { progress: 45 } }],
    [45, { progress: "45%" }],
    [undefined, { progress: "half" }],
    [undefined, { progress: 450 }],
  ])("is %j percent by %j", (percent, document) => {
    expect(taskIn(document).percent).toBe(percent);
  });

  it.each([
    [{ code: "", message: "it broke" }, { data: { state: "failed", error: "it broke" } }],
    [{ code: "x", message: "it broke" }, { data: { state: "failed", error: { code: "x", message: "it broke" } } }],
    [{ code: "7", message: "it broke" }, { data: { state: "failed", failCode: 7, failMsg: "it broke" } }],
    [
      { code: "", message: "it broke" },
      { message: "success", data: { state: "failed", message: "it broke" } },
    ],
    [{ code: "", message: "the task failed" }, { data: { state: "failed" } }],
  ])("failed with %j by %j (X-24)", (error, document) => {
    expect(taskIn(document).error).toEqual({ error });
  });
});

describe("taskIdIn", () => {
  it.each([
    ["t", { code: 200, data: { taskId: "t" } }],
    ["t", { task_id: "t", id: "event-1" }],
    ["t", { data: { id: "t", result: { id: "image-1" } } }],
    ["t", { task: { id: "t" }, id: "event-1" }],
    ["t", { id: "t" }],
    ["7", { taskId: 7 }],
    [undefined, { created: 1, id: "answer-1", data: [{ url }] }],
    [undefined, { data: { taskId: null } }],
    [undefined, { taskId: { $ne: 1 } }],
    [undefined, { taskId: "x".repeat(201) }],
    [undefined, ["t"]],
    [undefined, "t"],
    [undefined, null],
    [undefined, undefined],
  ])("is %j in %j (X-25)", (id, document) => {
    expect(taskIdIn(document)).toBe(id);
  });
});
