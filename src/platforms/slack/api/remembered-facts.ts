import { singleFlight } from "../../../flow/single-flight.ts";
import type { PlatformContext } from "../../platform.ts";
import { codeOf, faultOf } from "./faults.ts";

/** A fact as it was told, and when. */
interface Dated<Value> {
  readonly at: number;
  readonly value: Value;
}

/** A fact as it is known: `now` while it is fresh, `old` at any age. Both are undefined when nobody tells. */
export interface Known<Value> {
  readonly now: Value | undefined;
  readonly old: Value | undefined;
}

/** Facts that Slack tells, by key, each remembered for a day. */
export interface RememberedFacts<Value> {
  /** Asks when what is remembered is older than `maxAgeMs`; a refusal is remembered as long. Never throws. */
  get(key: string, maxAgeMs: number, ask: () => Promise<Value>): Promise<Known<Value>>;
  /** The fact at any age; nobody is asked. */
  peek(key: string): Promise<Value | undefined>;
}

const rememberMs = 24 * 60 * 60_000;

/** Makes a memory of facts in the cache; many who ask for the same one at the same time share one call. */
export function rememberedFacts<Value>({
  cache,
  world,
  log,
}: Pick<PlatformContext, "cache" | "world" | "log">): RememberedFacts<Value> {
  const askOnce = singleFlight<Value>();
  const isFresh = (at: number | undefined, maxAgeMs: number) => at !== undefined && world.now() - at < maxAgeMs;
  const refusal = (key: string) => `${key}:refused`;

  return {
    async get(key, maxAgeMs, ask) {
      const note = await cache.get<Dated<Value>>(key);
      if (note && isFresh(note.at, maxAgeMs)) return { now: note.value, old: note.value };
      if (isFresh(await cache.get<number>(refusal(key)), maxAgeMs)) return { now: undefined, old: note?.value };
      try {
        const value = await askOnce(key, ask);
        await cache.set(key, { at: world.now(), value } satisfies Dated<Value>, rememberMs);
        return { now: value, old: value };
      } catch (err) {
        log.info({ key, err }, "Slack does not tell who a member is");
        if (isRefusal(err)) await cache.set(refusal(key), world.now(), maxAgeMs);
        return { now: undefined, old: note?.value };
      }
    },
    peek: async (key) => (await cache.get<Dated<Value>>(key))?.value,
  };
}

const passing =
  /^(ratelimited|rate_limited|internal_error|fatal_error|service_unavailable|request_timeout|not_authed)$/;

/** A scope that the app lacks, a plan that has no user groups: the answer will be the same for a while. */
function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && !passing.test(code) && faultOf(error) !== "revoked";
}
