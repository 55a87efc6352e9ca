import { afterEach, beforeEach } from "vitest";
import type { Caller } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { type Script, scriptedProvider, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type RoomOptions, type TestBot } from "../support/test-bot.ts";

/** Jobs that a tenant pays by a key of its own, beside jobs of others. */
export let house: TestBot;
/** The key by which each call was sent; `operator` is the operator's. */
export let sent: string[];
export let scripts: Map<string, Script[]>;

export const keyed = (service: string, key: string): Provider[] => {
  const provider = scriptedProvider(service);
  const check = async () => {
    if (key.startsWith("wrong")) throw new ProviderError(service, "refused", "no such key", { refusedFor: "key" });
  };
  async function* generate(...[request, context]: Parameters<Provider["generate"]>) {
    const script = scripts.get(key)?.shift() ?? succeed();
    const beforeSend = async () => {
      await context.beforeSend();
      sent.push(key);
    };
    yield* script(request, { ...context, beforeSend });
  }
  return service === "service" || service === "second" ? [{ ...provider, check, generate }] : [];
};

export async function open(options: RoomOptions = {}): Promise<void> {
  await house?.close();
  house = await openRoom({ keyed, ...options });
}

/** Before and after each test of a file. */
export function onStage(): void {
  beforeEach(async () => {
    sent = [];
    scripts = new Map();
    house = await openRoom({ keyed });
  });
  afterEach(() => house.close());
}

export const admin = (tenant = "guild"): Caller => house.caller("admin", { tenant, rights: "admin" });
export const give = (key: string, tenant = "guild", service = "service") =>
  house.usecases.admin.keys.put(service, key, admin(tenant));
export const imagine = (tenant = "guild", given: { member?: string; provider?: string } = {}) =>
  house.usecases.imagine(
    { prompt: "a red bicycle", provider: given.provider },
    house.caller(given.member ?? "member-1", { tenant }),
  );
export const made = async (tenant = "guild", given: { member?: string; provider?: string } = {}) =>
  house.end(await imagine(tenant, given));
const turn = () => new Promise(setImmediate);
export async function until(done: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await done())) {
    house.world.advance(500);
    await turn();
  }
}
export const accounts = async () =>
  Object.fromEntries(
    (await house.database.db.selectFrom("account").selectAll().execute())
      .filter(({ id, balance }) => /^(ops:(tenant|fund|reven|unknown)|provider|own-keys)/.test(id) && balance !== 0)
      .map(({ id, balance }) => [id, balance]),
  );
