import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Provider } from "../../../src/providers/provider.ts";
import { qualities } from "../../../src/request.ts";
import { failureOf, imageFolder, run, testCall, testRequest } from "../../providers/call.ts";

/** A provider in front of a service that works; each rule has its own. */
export interface Subject {
  readonly provider: Provider;
  /** Paid requests that the service has seen so far. */
  paidRequests(): number;
  /** Nothing of it may ever be seen in an error. */
  readonly apiKey: string;
  /** The next paid call fails at the service, whose words repeat the key. */
  failNext(): void;
  /** The next paid call is never answered; resolves once the service has it. */
  hangNext(): Promise<void>;
  close(): Promise<void>;
}

/** Rules that a service may be exempt from; the value says why. */
export type Exemptions = Partial<Record<"counts paid requests" | "can hang" | "has a key", string>>;

/** Holds what every provider must keep, whatever service it speaks to. */
export function describeProviderContract(name: string, start: () => Promise<Subject>, exempt: Exemptions = {}): void {
  describe(`${name} keeps the provider contract`, () => {
    const contract: Contract = {
      unless(rule, sentence, test) {
        if (exempt[rule] === undefined) it(sentence, () => contract.withSubject(test));
      },
      async withSubject(use) {
        const subject = await start();
        try {
          await use(subject);
        } finally {
          await subject.close();
        }
      },
    };
    itSendsWithCare(contract);
    itCommitsImages(contract);
    itTakesRequests(contract);
    itEdits(contract);
    itTellsFailures(contract);
    itPaysForCallsOnly(contract);
  });
}

interface Contract {
  /** Registers a test, unless the service is exempt from its rule. */
  unless(rule: keyof Exemptions, sentence: string, test: (subject: Subject) => Promise<void>): void;
  withSubject(use: (subject: Subject) => Promise<void>): Promise<void>;
}

function itSendsWithCare(contract: Contract): void {
  it("awaits beforeSend exactly once, while nothing is sent", () =>
    contract.withSubject(async (subject) => {
      const seen: number[] = [];
      const call = testCall({
        beforeSend: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(subject.paidRequests());
        },
      });
      await run(subject.provider, testRequest({ count: 2 }), call);
      expect(seen).toEqual([0]);
    }));

  it("sends nothing when beforeSend throws, and lets that error pass", () =>
    contract.withSubject(async (subject) => {
      const stop = new Error("the commit failed");
      const call = testCall({ beforeSend: () => Promise.reject(stop) });
      await expect(run(subject.provider, testRequest(), call)).rejects.toBe(stop);
      expect(subject.paidRequests()).toBe(0);
      expect(call.sinks).toEqual([]);
    }));

  it("sends nothing when given up before, and says so", () =>
    contract.withSubject(async (subject) => {
      const call = testCall({ signal: AbortSignal.abort() });
      const error = await failureOf(run(subject.provider, testRequest(), call));
      expect(error.outcome).toBe("not-sent");
      expect(call.beforeSends).toBe(0);
      expect(subject.paidRequests()).toBe(0);
    }));

  it("sends nothing when given up during beforeSend, and says so", () =>
    contract.withSubject(async (subject) => {
      const giveUp = new AbortController();
      const call = testCall({ signal: giveUp.signal, beforeSend: async () => giveUp.abort() });
      const error = await failureOf(run(subject.provider, testRequest(), call));
      expect(error.outcome).toBe("not-sent");
      expect(subject.paidRequests()).toBe(0);
    }));
}

function itCommitsImages(contract: Contract): void {
  contract.unless("counts paid requests", "makes several images by one paid request", async (subject) => {
    await run(subject.provider, testRequest({ count: 3 }), testCall());
    expect(subject.paidRequests()).toBe(1);
  });

  it("commits each image before it tells of it, and is done last", () =>
    contract.withSubject(async ({ provider }) => {
      const call = testCall();
      const reported: number[] = [];
      let last = "";
      for await (const event of provider.generate(testRequest({ count: 3 }), call)) {
        if (event.type === "image") {
          expect([...call.images.keys()]).toContain(event.index);
          reported.push(event.index);
        }
        last = event.type;
      }
      expect(reported.sort()).toEqual([0, 1, 2]);
      expect(last).toBe("done");
      expect(call.sinks.map(({ state }) => state)).toEqual(["committed", "committed", "committed"]);
    }));

  it("makes images of the asked pixels in every format that it names", () =>
    contract.withSubject(async ({ provider }) => {
      for (const [at, format] of provider.capabilities.formats.entries()) {
        const size = provider.capabilities.sizes[at] ?? { width: 1024, height: 1024 };
        const call = testCall();
        await run(provider, testRequest({ format, size }), call);
        expect(await sharp(call.images.get(0)).metadata()).toMatchObject({ format, ...size });
      }
    }));

  it("makes an image of its own choice for the size auto", () =>
    contract.withSubject(async ({ provider }) => {
      const call = testCall();
      await run(provider, testRequest({ size: "auto" }), call);
      expect((await sharp(call.images.get(0)).metadata()).width).toBeGreaterThan(0);
    }));

  it("uses no index twice, and none past what was asked", () =>
    contract.withSubject(async ({ provider }) => {
      const call = testCall();
      await run(provider, testRequest({ count: 2 }), call);
      expect(call.sinks.map(({ index }) => index).sort()).toEqual([0, 1]);
    }));
}

function itTakesRequests(contract: Contract): void {
  it("leaves the request as it was given", () =>
    contract.withSubject(async ({ provider }) => {
      const request = testRequest({ references: Object.freeze([]), count: 2 });
      const before = structuredClone(request);
      await run(provider, Object.freeze(request), testCall());
      expect(request).toEqual(before);
    }));

  it("keeps two calls at the same time apart", () =>
    contract.withSubject(async ({ provider }) => {
      const calls = [testCall({ attempt: "one" }), testCall({ attempt: "two" })];
      await Promise.all(
        calls.map((call, at) => run(provider, testRequest({ prompt: `call ${at}`, count: at + 1 }), call)),
      );
      expect(calls.map(({ images }) => images.size)).toEqual([1, 2]);
      expect(calls.map(({ beforeSends }) => beforeSends)).toEqual([1, 1]);
    }));

  it.each(['“quotes” and \\ "', "two\nlines", "猫と🚲", "<b>&amp;</b>", "x".repeat(4000)])(
    "takes the prompt %j",
    (prompt) =>
      contract.withSubject(async ({ provider }) => {
        const call = testCall();
        await run(provider, testRequest({ prompt }), call);
        expect(call.images.size).toBe(1);
      }),
  );
}

function itTellsFailures(contract: Contract): void {
  it("throws a ProviderError when the service fails, and never asks again by itself", () =>
    contract.withSubject(async (subject) => {
      subject.failNext();
      const call = testCall();
      const error = await failureOf(run(subject.provider, testRequest(), call));
      expect(error.outcome).toBe("failed");
      expect(error.provider).toBe(subject.provider.name);
      expect(call.beforeSends).toBe(1);
      expect(subject.paidRequests()).toBeLessThanOrEqual(1);
    }));

  contract.unless("has a key", "keeps its key out of errors, even when the service repeats it", async (subject) => {
    subject.failNext();
    const error = await failureOf(run(subject.provider, testRequest(), testCall()));
    expect(textOf(error)).not.toContain(subject.apiKey);
    expect(error.message).toContain("[key]");
  });

  contract.unless("can hang", "knows nothing of a call that was given up after it was sent", async (subject) => {
    const giveUp = new AbortController();
    const arrived = subject.hangNext();
    const call = testCall({ signal: giveUp.signal });
    const ended = failureOf(run(subject.provider, testRequest(), call));
    await arrived;
    giveUp.abort();
    expect((await ended).outcome).toBe("unknown");
    expect(call.images.size).toBe(0);
  });
}

function itPaysForCallsOnly(contract: Contract): void {
  it("has whole, positive prices, the same each time, the dearest of them for auto", () =>
    contract.withSubject(async ({ provider }) => {
      for (const quality of qualities.filter((each) => provider.capabilities.qualities.includes(each))) {
        const auto = provider.price(testRequest({ size: "auto", quality }));
        for (const size of provider.capabilities.sizes) {
          const price = provider.price(testRequest({ size, quality }));
          expect(Number.isInteger(price) && price > 0).toBe(true);
          expect(provider.price(testRequest({ size, quality }))).toBe(price);
          expect(price).toBeLessThanOrEqual(auto);
        }
      }
    }));

  it("finds its service reachable without paying", () =>
    contract.withSubject(async (subject) => {
      await subject.provider.check();
      expect(subject.paidRequests()).toBe(0);
    }));
}

function itEdits(contract: Contract): void {
  let folder: Awaited<ReturnType<typeof imageFolder>>;
  beforeAll(async () => {
    folder = await imageFolder();
  });
  afterAll(() => folder.remove());

  it("edits references, with and without a mask", () =>
    contract.withSubject(async ({ provider }) => {
      const reference = await folder.image("reference", 640, 480, "jpeg");
      const mask = await folder.image("mask", 640, 480, "png", 0);
      for (const request of [
        testRequest({ references: [reference] }),
        testRequest({ references: [reference, reference] }),
        testRequest({ references: [reference], mask }),
      ]) {
        const call = testCall();
        await run(provider, request, call);
        expect(await sharp(call.images.get(0)).metadata()).toMatchObject({ width: 1024, height: 1024 });
      }
    }));
}

/** Gives everything that a log could show of an error. */
function textOf(error: Error): string {
  const cause = error.cause instanceof Error ? textOf(error.cause) : String(error.cause);
  return [error.message, error.stack, JSON.stringify(error), cause].join("\n");
}
