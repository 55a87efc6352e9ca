import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeApimodels, startFakeApimodels } from "../../../support/services/apimodels.ts";

describe("the fake apimodels.app", () => {
  let fake: FakeApimodels;
  beforeEach(async () => {
    fake = await startFakeApimodels();
  });
  afterEach(() => fake.close());

  const generate = (changed: object) =>
    fetch(`${fake.baseUrl}/images/generations`, {
      method: "POST",
      headers: { authorization: `Bearer ${fake.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-image-2-all", prompt: "a fox", size: "1024x1024", ...changed }),
    });

  it.each([
    ["an unknown field", { output_format: "png" }, 400],
    ["response_format on a generation (X-16)", { response_format: "url" }, 400],
    ["another model (AM-3)", { model: "gpt-image-2" }, 404],
    ["no prompt (AM-4)", { prompt: undefined }, 400],
    ["an unknown quality (AM-24)", { quality: "ultra" }, 400],
    ["an unknown background (AM-22)", { background: "blue" }, 400],
    ["size auto (X-19)", { size: "auto" }, 400],
    ["size with a ratio (X-20)", { aspect_ratio: "1:1" }, 400],
    ["a ratio that is too wide (X-22)", { size: undefined, aspect_ratio: "7:2" }, 400],
    ["a side that is no multiple of 16 (AM-12)", { size: "1000x1000" }, 400],
    ["too many pixels (AM-12, X-21)", { size: "3840x2176" }, 400],
    ["a JSON mask (X-27)", { mask: "x" }, 400],
    ["a reference by URL", { image_url: "https://a.b/c.png" }, 400],
    ["a free size at the limit (X-21)", { size: "3840x2160", quality: "low" }, 200],
  ])("answers %s as the document says", async (_what, changed, status) => {
    expect((await generate(changed)).status).toBe(status);
    expect(fake.violations.length).toBe(status === 200 ? 0 : 1);
    expect(fake.charged).toBe(status === 200 ? 15 : 0);
  });

  it("answers with images at once for a size alone, and otherwise with a task (AM-14, AM-15)", async () => {
    const first = (await (await generate({})).json()) as { data: object[] };
    expect(Object.keys(first.data[0] ?? {})).toEqual(["b64_json", "url"]);
    const task = { code: 200, data: { taskId: "task-1" } };
    expect(await (await generate({ size: undefined })).json()).toEqual(task);
    expect(fake.charged).toBe(50);
  });

  it("refuses another key, also for a task (AM-2)", async () => {
    const response = await fetch(`${fake.baseUrl}/images/generations`, { method: "POST", body: "{}" });
    expect(response.status).toBe(401);
    await generate({ size: undefined });
    expect((await fetch(`${fake.baseUrl}/images/generations?task_id=task-1`)).status).toBe(404);
    expect(fake.violations.length).toBe(2);
  });
});
