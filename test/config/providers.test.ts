import { expect, test } from "vitest";
import { configureProviders } from "../../src/config/providers.ts";
import { openai } from "../../src/providers/services/openai/openai.ts";

const problemsOf = (env: Record<string, string>) =>
  configureProviders({ OPENAI_API_KEY: "sk-good", ...env }, [openai]).problems;

test.each([
  ["a key with quotation marks", { OPENAI_API_KEY: '"sk-good"' }, "OPENAI_API_KEY must be the key alone"],
  ["a key that was cut short", { OPENAI_API_KEY: "sk-…" }, "OPENAI_API_KEY must be the whole key"],
  ["a key with a line break", { OPENAI_API_KEY: "sk-good\nx" }, "OPENAI_API_KEY must not contain spaces"],
  [
    "a call as the address",
    { OPENAI_BASE_URL: "https://relay.example/v1/images/generations" },
    "not of one of its calls",
  ],
  [
    "a call with a slash behind",
    { OPENAI_BASE_URL: "https://relay.example/v1/chat/completions/" },
    "not of one of its calls",
  ],
  ["an address with a query", { OPENAI_BASE_URL: "https://relay.example/v1?key=1" }, "without ? and #"],
  ["an address without its scheme", { OPENAI_BASE_URL: "relay.example/v1" }, "must be an http or https URL"],
])("refuses %s in one sentence that names the variable", (_what, env, sentence) => {
  const problems = problemsOf(env);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(sentence);
  expect(problems[0]).toContain(Object.keys(env)[0]);
});

test.each(["https://relay.example", "https://relay.example/v1/", "http://127.0.0.1:4000/openai/v1"])(
  "takes the address %s",
  (OPENAI_BASE_URL) => {
    expect(problemsOf({ OPENAI_BASE_URL })).toEqual([]);
  },
);

test("a service may be named without a key of the operator's where places can bring theirs, and only there", () => {
  const configured = (env: Record<string, string>) => configureProviders({ PROVIDERS: "openai", ...env }, [openai]);
  expect(configured({}).problems).toEqual(["OPENAI_API_KEY is missing, and PROVIDERS names openai."]);
  const { problems, providers } = configured({ KEYS_SECRET: "s".repeat(32) });
  expect(problems).toEqual([]);
  expect(providers.map(({ settings }) => [settings.apiKey, settings.baseUrl])).toEqual([
    ["", "https://api.openai.com/v1"],
  ]);
});
