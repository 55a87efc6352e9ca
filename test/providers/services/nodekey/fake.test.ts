import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFakeNodeKey } from "../../../support/services/nodekey.ts";
import type { FakeService } from "../../../support/services/openai-server.ts";

describe("the fake NodeKey", () => {
  let fake: FakeService;
  beforeEach(async () => {
    fake = await startFakeNodeKey({ image: Buffer.from("an image") });
  });
  afterEach(() => fake.close());
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${fake.baseUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${fake.apiKey}`, "content-type": "application/json", ...headers },
      body: JSON.stringify({ model: "gpt-image-2-1k", prompt: "a fox", ...body }),
    });

  it.each<[string, object, number]>([
    ["an unknown field", { stream: true }, 400],
    ["a size of another model (NK-5, X-35)", { size: "2048x2048" }, 400],
    ["a portrait in 2K (X-31)", { model: "gpt-image-2-2k", size: "1152x2048" }, 400],
    ["an unknown model (NK-3)", { model: "openai/gpt-image-2" }, 400],
    ["no prompt (NK-6)", { prompt: undefined }, 400],
    ["eleven images (X-29)", { n: 11 }, 400],
    ["no images, which is one (NK-7, X-29)", { n: 0 }, 200],
    ["compression as text (NK-10)", { output_compression: "50", output_format: "jpeg" }, 400],
    ["previews without a stream (X-33)", { partial_images: 2 }, 200],
    ["nothing beside the model and the prompt", {}, 200],
    ["the model without a tier, of any size (X-30)", { model: "gpt-image-2-vip", size: "1280x1280" }, 200],
  ])("answers %s as the document says", async (_what, changed, status) => {
    expect((await post("/images/generations", changed)).status).toBe(status);
    expect(fake.violations.length).toBe(status === 200 ? 0 : 1);
  });

  it("has no edits (NK-1), and no door without a key (X-42)", async () => {
    expect((await post("/images/edits", {})).status).toBe(404);
    expect((await post("/images/generations", {}, { authorization: "" })).status).toBe(401);
  });
});
