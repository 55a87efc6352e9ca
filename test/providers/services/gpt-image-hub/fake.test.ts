import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeGptImageHub, startFakeGptImageHub } from "../../../support/services/gpt-image-hub.ts";

describe("the fake GPT Image Hub", () => {
  let fake: FakeGptImageHub;
  beforeEach(async () => {
    fake = await startFakeGptImageHub({ balance: 3 });
  });
  afterEach(() => fake.close());

  const post = (body: unknown, authorization: string | undefined = `Bearer ${fake.apiKey}`) =>
    fetch(`${fake.baseUrl}/api/v1/images/generations`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
      body: JSON.stringify(body),
    });
  const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;

  it.each([
    ["a size (GH-11)", { size: "1024x1024" }, 400],
    ["a format (X-12)", { output_format: "png" }, 400],
    ["a reference in JSON (GH-15)", { reference_image: "x" }, 400],
    ["another ratio (GH-11)", { aspect_ratio: "7:5" }, 400],
    ["an effort as quality (X-8)", { quality: "high" }, 400],
    ["too many images (GH-13)", { n: 5 }, 400],
    ["a number of images as text (GH-13)", { n: "2" }, 400],
    ["another model (GH-10)", { model: "gpt-image-1" }, 400],
    ["no prompt (X-15)", { prompt: undefined }, 400],
    ["nothing but model and prompt (GH-11 to GH-13)", {}, 200],
  ])("answers %s as the document says", async (_what, changed, status) => {
    const response = await post({ model: "gpt-image-2", prompt: "a fox", ...changed });
    expect(response.status).toBe(status);
    if (status === 400) expect(await codeOf(response)).toBe("invalid_request");
    expect(fake.violations.length).toBe(status === 200 ? 0 : 1);
    expect(fake.charged).toBe(status === 200 ? 1 : 0);
  });

  it("takes a form only with real reference images (GH-15, GH-18)", async () => {
    const send = async (field: string, bytes: string) => {
      const form = new FormData();
      form.set("model", "gpt-image-2");
      form.set("prompt", "a fox");
      if (bytes) form.append(field, new Blob([bytes], { type: "image/png" }), "1.png");
      const headers = { authorization: `Bearer ${fake.apiKey}` };
      return (await fetch(`${fake.baseUrl}/api/v1/images/generations`, { method: "POST", headers, body: form })).status;
    };
    expect(await send("image", "x")).toBe(400);
    expect(await send("reference_image", "no image")).toBe(400);
    expect(await send("reference_image", "")).toBe(400);
  });

  it("tells a missing key from a wrong one, and needs none for the models (GH-2, GH-4, GH-23, GH-24)", async () => {
    expect(await codeOf(await post({}, ""))).toBe("missingApiKey");
    expect(await codeOf(await post({}, "Bearer x"))).toBe("invalidApiKey");
    expect((await fetch(`${fake.baseUrl}/api/v1/models`)).status).toBe(200);
    expect((await fetch(`${fake.baseUrl}/api/v1/credits`)).status).toBe(401);
  });

  it("knows its path only below /api/v1, and only generations that it made (GH-7, GH-27, X-14)", async () => {
    const headers = { authorization: `Bearer ${fake.apiKey}` };
    const status = async (path: string) => (await fetch(`${fake.baseUrl}${path}`, { headers })).status;
    await post({ model: "gpt-image-2", prompt: "a fox" });
    expect(await status("/api/v1/generations/clx_generation_1")).toBe(200);
    expect(await status("/api/v1/generations/clx_generation_2")).toBe(404);
    expect(await status("/credits")).toBe(404);
  });

  it("takes credits first, gives them back for a failure, and refuses when they do not suffice (GH-20, GH-26)", async () => {
    fake.answerNext({ kind: "error" });
    expect((await post({ model: "gpt-image-2", prompt: "a fox", n: 3 })).status).toBe(500);
    expect((await post({ model: "gpt-image-2", prompt: "a fox", n: 2 })).status).toBe(200);
    expect(await codeOf(await post({ model: "gpt-image-2", prompt: "a fox", n: 2 }))).toBe("insufficientCredits");
    expect(fake.charged).toBe(2);
  });
});
