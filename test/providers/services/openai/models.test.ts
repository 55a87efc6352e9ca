import { afterEach, describe, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../../../src/config/config.ts";
import { openAiModels } from "../../../../src/providers/services/openai/models.ts";
import { openai } from "../../../../src/providers/services/openai/openai.ts";
import { chosenModel } from "../../../../src/providers/services/openai/settings.ts";
import { startFakeOpenAi } from "../../../support/services/openai.ts";
import { openAiAt, openAiExtra } from "../../../support/services/openai-client.ts";
import { testRequest } from "../../call.ts";

const now = Date.UTC(2026, 10, 29);

/** The sentences with which a start is refused; none for one that is good. */
function problems(env: Record<string, string>, at = now): readonly string[] {
  try {
    loadConfig({ OPENAI_API_KEY: "sk-good", ...env }, [openai], at);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe("OPENAI_MODEL", () => {
  it.each(["gpt-image-2", "gpt-image-2-2026-04-21", "openai/gpt-image-2", "GPT-Image-1.5", "chatgpt-image-latest"])(
    "takes %s, whose prices are known",
    (OPENAI_MODEL) => expect(problems({ OPENAI_MODEL })).toEqual([]),
  );

  it.each([
    ["gpt-image-1", "2026-10-23"],
    ["openai/gpt-image-1", "2026-10-23"],
    ["dall-e-3", "2026-05-12"],
  ])("refuses %s, which has ended, with the date", (OPENAI_MODEL, date) => {
    expect(problems({ OPENAI_MODEL })).toEqual([
      `OPENAI_MODEL is ${OPENAI_MODEL}, which ended on ${date}: choose another, such as gpt-image-2.`,
    ]);
  });

  it("takes a model until the day on which it ends, and not on that day", () => {
    const endsAt = Date.UTC(2026, 11, 1);
    for (const OPENAI_MODEL of ["gpt-image-1.5", "gpt-image-1-mini", "chatgpt-image-latest"]) {
      expect(problems({ OPENAI_MODEL }, endsAt - 1)).toEqual([]);
      expect(problems({ OPENAI_MODEL }, endsAt)[0]).toContain("2026-12-01");
    }
  });

  it("refuses a model that nobody can price, and says what is missing", () => {
    const [sentence = ""] = problems({ OPENAI_MODEL: "gpt-image-3" });
    expect(sentence).toContain("OPENAI_TOKEN_PRICES must tell text, image, output, low, medium, high");
    const [rest = ""] = problems({ OPENAI_MODEL: "gpt-image-3", OPENAI_TOKEN_PRICES: "text=5,image=8,output=30" });
    expect(rest).toContain("must tell low, medium, high");
    const [tokens = ""] = problems({ OPENAI_MODEL: "gpt-image-2.6-flare" });
    expect(tokens).toContain("publishes no count of its tokens");
  });

  it("takes any model that the operator prices, in one variable or in several", () => {
    const tokens = "low=300,medium=1800,high=7100";
    expect(
      problems({ OPENAI_MODEL: "gpt-image-3", OPENAI_TOKEN_PRICES: `text=5,image=8,output=30,${tokens}` }),
    ).toEqual([]);
    expect(problems({ OPENAI_MODEL: "gpt-image-2.6-flare", OPENAI_TOKEN_PRICES: tokens })).toEqual([]);
    const single = { OPENAI_TEXT_IN_USD: "5", OPENAI_IMAGE_IN_USD: "8", OPENAI_IMAGE_OUT_USD: "30" };
    expect(problems({ OPENAI_MODEL: "gpt-image-3", OPENAI_TOKEN_PRICES: tokens, ...single })).toEqual([]);
  });

  it.each(["text", "text=5;image=8", "low=1.5", "price=3", "text=-1", "text=5,"])(
    "refuses prices written as %s",
    (OPENAI_TOKEN_PRICES) => expect(problems({ OPENAI_TOKEN_PRICES })[0]).toContain("OPENAI_TOKEN_PRICES must be"),
  );
});

describe("OPENAI_MODELS", () => {
  const several = (OPENAI_MODELS: string, given: Record<string, string> = {}) => problems({ OPENAI_MODELS, ...given });

  it("takes models that are known, and others whose prices are told by their names", () => {
    const tokens = "low=1,medium=2,high=4";
    const own = { OPENAI_TOKEN_PRICES: `gpt-image-3:text=5,image=8,output=30,${tokens};gpt-image-2.6-flare:${tokens}` };
    expect(several("gpt-image-2,gpt-image-1.5")).toEqual([]);
    expect(several("gpt-image-2, gpt-image-3 ,gpt-image-2.6-flare", own)).toEqual([]);
  });

  it("says of each model for itself what is wrong", () => {
    expect(several("gpt-image-2,gpt-image-3,gpt-image-1")).toEqual([
      "OPENAI_MODELS lists gpt-image-3, which is not a model that this program can price: OPENAI_TOKEN_PRICES must tell " +
        "text, image, output, low, medium, high, as in gpt-image-3:text=5,image=8,output=30,low=300,medium=1800,high=7100.",
      "OPENAI_MODELS lists gpt-image-1, which ended on 2026-10-23: choose another, such as gpt-image-2.",
    ]);
  });

  it.each([
    ["a model twice", "gpt-image-2,openai/gpt-image-2", {}, "lists gpt-image-2 twice"],
    [
      "another model in OPENAI_MODEL",
      "gpt-image-2,gpt-image-1.5",
      { OPENAI_MODEL: "gpt-image-1.5" },
      "leave OPENAI_MODEL out",
    ],
    ["prices of no model", "gpt-image-2,gpt-image-1.5", { OPENAI_TOKEN_PRICES: "output=28" }, "of which model"],
    ["a price for all", "gpt-image-2,gpt-image-1.5", { OPENAI_IMAGE_OUT_USD: "28" }, "of which model"],
    [
      "prices of a model twice",
      "gpt-image-2",
      { OPENAI_TOKEN_PRICES: "gpt-image-2:text=1;gpt-image-2:text=2" },
      "OPENAI_TOKEN_PRICES must be",
    ],
    ["no model", ",", {}, "OPENAI_MODELS must be"],
    ["no id", "gpt image", {}, "OPENAI_MODELS must be"],
    [
      "a background of no value",
      "gpt-image-2",
      { OPENAI_TRANSPARENT: "gpt-image-2=yes" },
      "OPENAI_TRANSPARENT must be",
    ],
  ])("refuses %s", (_what, models, given, sentence) => {
    expect(several(models, given).join(" ")).toContain(sentence);
  });

  it("gives each model its own prices and backgrounds", () => {
    const extra = openAiExtra({
      OPENAI_MODELS: "gpt-image-2,gpt-image-1.5",
      OPENAI_TOKEN_PRICES: "openai/gpt-image-2:output=28",
      OPENAI_TRANSPARENT: "off,gpt-image-2=on",
    });
    const [usual, older] = ["gpt-image-2", "gpt-image-1.5"].map((id) => chosenModel(extra, id));
    expect([usual?.list.prices.imageOut, older?.list.prices.imageOut]).toEqual([28, 32]);
    expect(usual?.capabilities.backgrounds).toContain("transparent");
    expect(older?.capabilities.backgrounds).not.toContain("transparent");
  });
});

describe("a model that the operator prices", () => {
  const extra = {
    OPENAI_MODEL: "gpt-image-3",
    OPENAI_TOKEN_PRICES: "text=5,image=8,output=100,low=100,medium=200,high=400",
  };
  const provider = openAiAt({ baseUrl: "http://127.0.0.1" }, extra);

  it("is quoted at its most tokens, whatever the size, and auto at the dearest", () => {
    const price = (quality: "low" | "medium" | "high" | "auto") => provider.price(testRequest({ quality, count: 2 }));
    expect([price("low"), price("medium"), price("high"), price("auto")]).toEqual([11, 21, 41, 41]);
  });

  it("pays cached tokens like others, unless the operator tells their price", () => {
    const list = (prices: string) => chosenModel({ ...extra, OPENAI_TOKEN_PRICES: prices }).list.prices;
    expect(list("text=5,image=8,output=100")).toMatchObject({ textInCached: 5, imageInCached: 8 });
    expect(list("text=5,image=8,output=100,cached-text=1")).toMatchObject({ textInCached: 1, imageInCached: 8 });
  });
});

describe("each known model", () => {
  it.each(openAiModels.map((model) => [model.ids[0] ?? "", model] as const))("%s is told of wholly", (_id, model) => {
    const { prices, capabilities } = model;
    expect(model.source).not.toBe("");
    expect(prices.textInCached).toBeLessThan(prices.textIn);
    expect(prices.imageInCached).toBeLessThan(prices.imageIn);
    expect(prices.imageOut).toBeGreaterThan(prices.imageIn);
    expect(capabilities.sizes.length).toBeGreaterThan(0);
    if (model.endsOn) expect(new Date(model.endsOn).toISOString().slice(0, 10)).toBe(model.endsOn);
  });

  it.each([
    ["gpt-image-1.5", [9, 34, 133], [13, 50, 200]],
    ["gpt-image-1-mini", [5, 11, 36], [6, 15, 52]],
    ["gpt-image-1", [11, 42, 167], [16, 63, 250]],
    ["gpt-image-2", [6, 53, 211], [5, 42, 165]],
  ])("%s is quoted at its published price of an image, within 2 credits", (OPENAI_MODEL, square, wide) => {
    const provider = openAiAt({ baseUrl: "http://127.0.0.1" }, { OPENAI_MODEL });
    for (const [at, quality] of (["low", "medium", "high"] as const).entries()) {
      for (const [width, published] of [
        [1024, square[at] ?? 0],
        [1536, wide[at] ?? 0],
      ] as const) {
        const price = provider.price(testRequest({ quality, count: 2, size: { width, height: 1024 } }));
        expect(Math.abs(price - published)).toBeLessThanOrEqual(2);
      }
    }
  });
});

describe("the end of a model, as the service tells it", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

  it.each([
    [{ id: "gpt-image-2", shutdown_date: "2027-03-01" }, Date.UTC(2027, 2, 1)],
    [{ id: "gpt-image-2", shutdown_date: null }, undefined],
    [{ id: "gpt-image-2" }, undefined],
    [{ shutdown_date: "soon" }, undefined],
  ])("reads %o", async (model, endsAt) => {
    const fake = await startFakeOpenAi({ model });
    const provider = openAiAt(fake);
    open.push(fake, provider);
    expect(await provider.modelEnd?.()).toBe(endsAt);
  });
});
