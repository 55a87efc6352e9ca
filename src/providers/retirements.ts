import type { Log, World } from "../world.ts";
import type { Provider } from "./provider.ts";

/** The end of the model of a service. */
export interface Retirement {
  readonly model: string;
  /** Milliseconds since 1970: from then on it answers nobody. */
  readonly endsAt: number;
}

/** Knows when the models of the services end. */
export interface Retirements {
  /** Undefined when no end is known. */
  of(provider: string): Retirement | undefined;
  hasEnded(provider: string): boolean;
  /** By service: the ends that lie within 60 days, or behind. */
  near(): Readonly<Record<string, Retirement>>;
  /** Asks each service that tells, free of charge. Never rejects. */
  ask(): Promise<void>;
  /** Asks each day, and warns of an end that is near each time, until `signal` aborts. */
  watch(signal: AbortSignal): Promise<void>;
}

const dayMs = 86_400_000;
const nearMs = 60 * dayMs;

/** The date on which something ends, as `2026-12-01`, in UTC. */
export function endDate({ endsAt }: Retirement): string {
  return new Date(endsAt).toISOString().slice(0, 10);
}

export function createRetirements(providers: readonly Provider[], world: World, log: Log): Retirements {
  const announced = new Map<string, number>();

  function of(name: string): Retirement | undefined {
    const model = providers.find((provider) => provider.name === name)?.model;
    const endsAt = announced.get(name) ?? model?.endsAt;
    return model && endsAt !== undefined ? { model: model.id, endsAt } : undefined;
  }

  async function askOne({ name, modelEnd }: Provider): Promise<void> {
    const endsAt = await modelEnd?.().catch((error: unknown) => {
      log.debug({ provider: name, err: error }, "the end of the model was not told");
      return undefined;
    });
    if (endsAt !== undefined) announced.set(name, endsAt);
  }

  const near = () =>
    Object.fromEntries(
      providers.flatMap(({ name }) => {
        const end = of(name);
        return end && end.endsAt - nearMs <= world.now() ? [[name, end]] : [];
      }),
    );

  async function ask(): Promise<void> {
    await Promise.all(providers.map(askOne));
  }

  return {
    of,
    hasEnded: (provider) => (of(provider)?.endsAt ?? Number.POSITIVE_INFINITY) <= world.now(),
    near,
    ask,
    async watch(signal) {
      while (!signal.aborted) {
        await ask();
        if (!signal.aborted) warn(near(), world, log);
        await world.sleep(dayMs, signal);
      }
    },
  };
}

function warn(near: Readonly<Record<string, Retirement>>, world: World, log: Log): void {
  for (const [provider, end] of Object.entries(near)) {
    const facts = { provider, model: end.model, endsOn: endDate(end) };
    if (end.endsAt <= world.now()) log.error(facts, "the model of a service has ended: the service is not used");
    else log.warn(facts, "the model of a service ends soon: choose another");
  }
}
