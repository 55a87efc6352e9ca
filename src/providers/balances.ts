import { serviceOf } from "../request.ts";
import type { Log, World } from "../world.ts";
import { firstOfEach } from "./offered.ts";
import type { Balance, Provider } from "./provider.ts";

/** Tells what the operator has left at the services that tell. */
export interface Balances {
  /** By service; those that do not tell, or not now, are absent. Free of charge. */
  read(): Promise<Readonly<Record<string, Balance>>>;
  /** Reads now and then, and warns when a balance has become low, until `signal` aborts. */
  watch(signal: AbortSignal): Promise<void>;
}

const watchEveryMs = 600_000;

export function createBalances(providers: readonly Provider[], world: World, log: Log): Balances {
  const low = new Set<string>();

  async function read(): Promise<Record<string, Balance>> {
    const answers = await Promise.all(
      firstOfEach(providers).map(async (provider): Promise<[string, Balance][]> => {
        const balance = await provider.balance?.().catch((error: unknown) => {
          log.debug({ provider: provider.name, err: error }, "balance not read");
          return undefined;
        });
        return balance ? [[serviceOf(provider.name), balance]] : [];
      }),
    );
    return Object.fromEntries(answers.flat());
  }

  async function warn(): Promise<void> {
    for (const [provider, balance] of Object.entries(await read())) {
      if (!balance.low) low.delete(provider);
      else if (!low.has(provider)) {
        low.add(provider);
        log.warn({ provider, left: balance.amount, unit: balance.unit }, "the balance at a service is low: top it up");
      }
    }
  }

  return {
    read,
    async watch(signal) {
      while (!signal.aborted) {
        await warn();
        await world.sleep(watchEveryMs, signal);
      }
    },
  };
}
