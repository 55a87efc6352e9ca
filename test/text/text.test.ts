import { expect, test } from "vitest";
import { en } from "../../src/text/en/index.ts";
import { languageOf, textFor } from "../../src/text/text.ts";
import { clip, utcTime } from "../../src/text/words.ts";
import { zhCN } from "../../src/text/zh-cn/index.ts";

test("chooses the nearest language, English when there is none", () => {
  expect(["en", "en-GB", "fr", "zh-CN", "zh-TW", "ZH", ""].map(languageOf)).toEqual([
    "en",
    "en",
    "en",
    "zh-CN",
    "zh-CN",
    "zh-CN",
    "en",
  ]);
  expect(textFor("zh-CN")).toBe(zhCN);
});

test("says a refusal in one sentence that holds its facts", () => {
  const sentence = en.refusals["not-enough-credits"]({ needed: 1500, available: 20, renewsAt: Date.UTC(2026, 10, 21) });
  expect(sentence).toContain("1,500");
  expect(sentence).toContain("20");
  expect(sentence).toContain("2026-11-21 00:00 UTC");
});

test("says the same things in every language", () => {
  const keys = (value: object): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === "object" && inner ? keys(inner).map((k) => `${key}.${k}`) : key,
    );
  expect(keys(zhCN).sort()).toEqual(keys(en).sort());
});

test("cuts between characters as a reader sees them, never inside one", () => {
  expect(clip("short", 10)).toBe("short");
  expect(clip("abcdef", 4)).toBe("abc…");
  const family = "👨‍👩‍👧‍👦";
  expect(clip(family.repeat(3), family.length + 2)).toBe(`${family}…`);
  expect(clip(family, 3)).toBe("…");
});

test("writes times without a zone to guess", () => {
  expect(utcTime(Date.UTC(2026, 0, 2, 3, 4))).toBe("2026-01-02 03:04 UTC");
});

test("names the options of the look in Chinese as its forms do, and says what compression is for", () => {
  const facts = { option: "background", value: "transparent", provider: "TokenHub", able: ["apimodels.app"] };
  expect(zhCN.refusals["option-unsupported"](facts)).toBe(
    "TokenHub 不支持背景 transparent。支持的服务：apimodels.app。",
  );
  expect(zhCN.refusals["option-unknown"]({ option: "fidelity", value: "medium", allowed: ["low", "high"] })).toContain(
    "“medium”不是有效的保真度",
  );
  const dropped = { code: "option-dropped", option: "compression" } as const;
  expect(en.change(dropped)).toContain("for jpeg and webp");
  expect(zhCN.change(dropped)).toContain("jpeg 和 webp");
  expect(zhCN.change({ ...dropped, option: "fidelity" })).toContain("“保真度”");
});
