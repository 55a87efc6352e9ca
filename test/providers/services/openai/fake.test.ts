import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFakeOpenAi } from "../../../support/services/openai.ts";
import type { FakeService } from "../../../support/services/openai-server.ts";

describe("the fake OpenAI", () => {
  let fake: FakeService;
  beforeEach(async () => {
    fake = await startFakeOpenAi({ image: Buffer.from("an image") });
  });
  afterEach(() => fake.close());
  const post = (path: string, body: string | FormData, type?: string) =>
    fetch(`${fake.baseUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${fake.apiKey}`, ...(type ? { "content-type": type } : {}) },
      body,
    });

  it.each<[string, object, number]>([
    ["an unknown field", { format: "png" }, 400],
    ["response_format (OA-13)", { response_format: "b64_json" }, 400],
    ["style (OA-13)", { style: "vivid" }, 400],
    ["no model (OA-4)", { model: undefined }, 400],
    ["an empty prompt (OA-3)", { prompt: "" }, 400],
    ["a prompt too long (OA-3)", { prompt: "x".repeat(32_001) }, 400],
    ["too many images (OA-5)", { n: 11 }, 400],
    ["a number of images as text (OA-5)", { n: "2" }, 400],
    ["a side that is no multiple of 16 (OA-6)", { size: "1000x1000" }, 400],
    ["a side too long (OA-6)", { size: "3856x2144" }, 400],
    ["a shape too wide (OA-6)", { size: "1552x512" }, 400],
    ["too few pixels (OA-6)", { size: "1264x512" }, 400],
    ["too many pixels (OA-6)", { size: "2896x2880" }, 400],
    ["an unknown quality (OA-7)", { quality: "ultra" }, 400],
    ["a transparent background (OA-8, X-41)", { background: "transparent" }, 400],
    ["an unknown moderation (OA-9)", { moderation: "off" }, 400],
    ["compression of a PNG (OA-11)", { output_compression: 50 }, 400],
    ["compression as text (OA-11)", { output_compression: "50", output_format: "jpeg" }, 400],
    ["a stream of several images (OA-12)", { stream: true, n: 2 }, 400],
    ["a stream as text (OA-12)", { stream: "true" }, 400],
    ["too many previews (OA-12)", { stream: true, partial_images: 4 }, 400],
    ["previews without a stream (OA-12)", { partial_images: 1 }, 400],
    ["an end user that is no hash (OA-14)", { user: "x".repeat(65) }, 400],
    ["nothing beside the model and the prompt", {}, 200],
    ["everything there is", { n: 1, size: "1280x512", stream: true, partial_images: 3, background: "opaque" }, 200],
  ])("answers %s as OpenAI does", async (_what, changed, status) => {
    const body = JSON.stringify({ model: "gpt-image-2", prompt: "a fox", ...changed });
    expect((await post("/images/generations", body, "application/json")).status).toBe(status);
    expect(fake.violations.length).toBe(status === 200 ? 0 : 1);
    expect(fake.charged > 0).toBe(status === 200);
  });

  it.each<[string, Record<string, string>, readonly [string, string, string][], string]>([
    ["a fidelity (OA-20)", { input_fidelity: "high" }, [["image", "png", "image/png"]], "invalid_input_fidelity_model"],
    ["no image (OA-17)", {}, [], "invalid_value"],
    ["one image[] (OA-17)", {}, [["image[]", "png", "image/png"]], "unknown_parameter"],
    ["a file without a type (OA-21)", {}, [["image", "png", "application/octet-stream"]], "unsupported_file_mimetype"],
    ["a file that is no image (OA-17)", {}, [["image", "png", "image/png"]], "invalid_image_file"],
  ])("refuses an edit with %s", async (_what, fields, files, code) => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ model: "gpt-image-2", prompt: "a fox", ...fields })) {
      form.append(name, value);
    }
    for (const [field, name, type] of files) form.append(field, new Blob(["no image"], { type }), name);
    const response = await post("/images/edits", form);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.status).toBe(400);
  });

  it("refuses a missing key and a wrong one, each in its way (OA-2)", async () => {
    const codes = [];
    for (const headers of [{}, { authorization: "Bearer sk-wrong" }]) {
      const response = await fetch(`${fake.baseUrl}/images/generations`, { method: "POST", headers, body: "{}" });
      const { error } = (await response.json()) as { error: { code: string | null } };
      codes.push([response.status, error.code]);
    }
    expect(codes).toEqual([
      [401, null],
      [401, "invalid_api_key"],
    ]);
  });
});
