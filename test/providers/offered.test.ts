import { afterAll, describe, expect, it } from "vitest";
import { ProviderError, Refusal, type RefusedFor } from "../../src/errors.ts";
import { createBreakers } from "../../src/providers/breakers.ts";
import { createProviders, firstOfEach } from "../../src/providers/offered.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { createRetirements } from "../../src/providers/retirements.ts";
import { createRouter } from "../../src/providers/router.ts";
import { openai } from "../../src/providers/services/openai/openai.ts";
import { openAiExtra } from "../support/services/openai-client.ts";
import { scriptedProvider } from "../support/services/scripted-provider.ts";
import { testLog, testWorld } from "../support/world.ts";
import { testRequest, testTools } from "./call.ts";

const opened: Provider[] = [];
afterAll(() => Promise.all(opened.map((provider) => provider.close())));

function offered(given: Record<string, string>): readonly Provider[] {
  const settings = { apiKey: "k", baseUrl: "http://127.0.0.1", concurrency: 4, timeoutMs: 1000 };
  const configured = [{ definition: openai, settings: { ...settings, extra: openAiExtra(given) } }];
  const providers = createProviders(configured, testTools());
  opened.push(...providers);
  return providers;
}

const world = testWorld();
const routerOf = (providers: readonly Provider[]) =>
  createRouter({
    ...{ providers, markupPercent: 0, breakers: createBreakers(world) },
    retirements: createRetirements(providers, world, testLog()),
  });
const both = { OPENAI_MODELS: "gpt-image-2, openai/gpt-image-1.5" };

describe("models of one service side by side", () => {
  it("are named by the service and the model, each with its label, its price and what it can do", () => {
    const [usual, older] = offered(both);
    expect([usual?.name, usual?.label]).toEqual(["openai/gpt-image-2", "OpenAI gpt-image-2"]);
    expect([older?.name, older?.label]).toEqual(["openai/gpt-image-1.5", "OpenAI gpt-image-1.5"]);
    const high = testRequest({ quality: "high" });
    expect([usual?.price(high), older?.price(high)]).toEqual([214, 137]);
    expect(usual?.capabilities.backgrounds).not.toContain("transparent");
    expect(older?.capabilities.backgrounds).toContain("transparent");
    expect(older?.model?.endsAt).toBe(Date.UTC(2026, 11, 1));
  });

  it("leave a service with one model its own name, and jobs the name with the model", () => {
    const [only, ...others] = offered({ OPENAI_MODEL: "gpt-image-1.5" });
    expect(others).toEqual([]);
    expect([only?.name, only?.label, only?.lastingName]).toEqual(["openai", "OpenAI", "openai/gpt-image-1.5"]);
  });

  it.each([
    ["openai", "openai/gpt-image-2"],
    ["openai/gpt-image-2", "openai/gpt-image-2"],
    ["openai/gpt-image-1.5", "openai/gpt-image-1.5"],
  ])("are chosen by name: %s goes to %s", (provider, name) => {
    const router = routerOf(offered(both));
    expect(router.names).toEqual(["openai/gpt-image-2", "openai/gpt-image-1.5"]);
    expect(router.knownNames).toEqual(["openai/gpt-image-2", "openai/gpt-image-1.5", "openai"]);
    const { quote } = router.route(testRequest({ provider }));
    expect(quote.provider).toBe(name);
    expect(router.get(quote.provider)?.name).toBe(name);
  });

  it("refuse a model that is not offered, with those that are", () => {
    const route = () => routerOf(offered(both)).route(testRequest({ provider: "openai/gpt-image-1" }));
    expect(route).toThrow(Refusal);
    expect(route).toThrow("provider-unknown");
  });

  it("are passed over where one cannot do what another can", () => {
    const { route } = routerOf(offered(both));
    expect(route(testRequest({ background: "transparent" })).provider.name).toBe("openai/gpt-image-1.5");
    expect(() => route(testRequest({ background: "transparent", provider: "openai" }))).toThrow("option-unsupported");
  });

  it("end one by one: the name of the service then means the first one that is left", () => {
    const later = testWorld(Date.UTC(2026, 11, 1));
    const providers = offered({ OPENAI_MODELS: "gpt-image-1.5,gpt-image-2" });
    const retirements = createRetirements(providers, later, testLog());
    const { route } = createRouter({ providers, markupPercent: 0, breakers: createBreakers(later), retirements });
    expect(route(testRequest({ provider: "openai" })).provider.name).toBe("openai/gpt-image-2");
    expect(() => route(testRequest({ provider: "openai/gpt-image-1.5" }))).toThrow("service-ended");
  });

  it("share what belongs to the service: it is asked for its balance once", () => {
    const names = ["openai/a", "openai/b", "nodekey", "nodekey/c"].map((name) => scriptedProvider(name));
    expect(firstOfEach(names).map(({ name }) => name)).toEqual(["openai/a", "nodekey"]);
  });
});

describe("breakers of several models", () => {
  const failed = (outcome: "not-sent" | "failed" | "refused" | "unknown", refusedFor?: RefusedFor) =>
    new ProviderError("openai", outcome, "", { refusedFor });

  it.each([
    ["of all", failed("not-sent"), 3, true],
    ["of all", failed("unknown"), 3, true],
    ["of all", failed("refused", "key"), 1, true],
    ["of all", failed("refused", "money"), 1, true],
    ["of one", failed("refused", "rate"), 1, false],
    ["of one", failed("failed"), 3, false],
  ] as const)("open for the trouble %s (%o)", (_whose, error, times, others) => {
    const breakers = createBreakers(world);
    for (let i = 0; i < times; i++) breakers.ended("openai/a", error);
    const open = ["openai/a", "openai/b", "openai", "nodekey"].map((name) => breakers.isOpen(name));
    expect(open).toEqual([true, others, others, false]);
  });

  it("stay closed for a model that is gone", () => {
    const breakers = createBreakers(world);
    for (let i = 0; i < 5; i++) breakers.ended("openai/a", failed("not-sent", "gone"));
    expect(breakers.isOpen("openai/a")).toBe(false);
  });
});
