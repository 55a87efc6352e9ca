import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeTokenHub, startFakeTokenHub } from "../../../support/services/tokenhub.ts";

describe("the fake TokenHub", () => {
  let fake: FakeTokenHub;
  beforeEach(async () => {
    fake = await startFakeTokenHub();
  });
  afterEach(() => fake.close());

  it.each([
    ["an unknown field (X-4)", { output_format: "png" }, 400],
    ["response_format (X-4)", { response_format: "b64_json" }, 400],
    ["a size that is not listed (X-1)", { size: "4096x4096" }, 400],
    ["too many images (TH-16)", { n: 11 }, 400],
    ["a number of images as text (TH-16)", { n: "2" }, 400],
    ["an unknown quality (TH-18)", { quality: "ultra" }, 400],
    ["another model (TH-14)", { model: "gpt-image-3" }, 400],
    ["no prompt (TH-15)", { prompt: undefined }, 400],
    ["the short model name and nothing else (TH-14)", { model: "gpt-image-2" }, 200],
  ])("answers %s as the document says", async (_what, changed, status) => {
    const response = await fetch(`${fake.baseUrl}/images/generations`, {
      method: "POST",
      headers: { authorization: `Bearer ${fake.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openai/gpt-image-2", prompt: "a fox", ...changed }),
    });
    expect(response.status).toBe(status);
    expect(fake.violations.length).toBe(status === 200 ? 0 : 1);
    expect(fake.charged).toBe(status === 200 ? 125 : 0);
  });

  it("refuses another key (TH-2)", async () => {
    const response = await fetch(`${fake.baseUrl}/images/generations`, { method: "POST", body: "{}" });
    expect(response.status).toBe(401);
  });
});
