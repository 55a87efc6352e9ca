import type { Random } from "../support/chaos/random.ts";
import type { FakeInteraction } from "../support/discord/discord.ts";
import type { Stage } from "./stage.ts";

/** A request over HTTP, repeated under the same key until somebody says that it was taken. */
export interface Order {
  readonly key: string;
  readonly prompt: string;
  readonly count: number;
  /** Jobs that were named in answers; one, if all is well. */
  readonly jobs: Set<string>;
}

/** People who ask for images. Each prompt is used once: by it the far sides' logs find the job. */
export interface Members {
  readonly interactions: readonly FakeInteraction[];
  readonly orders: readonly Order[];
  /** Some new commands on Discord, some by HTTP. */
  ask(): Promise<void>;
  /** Repeats the orders that nobody has confirmed, and some that somebody has. */
  insist(): Promise<void>;
}

const answerMs = 3000;

export function createMembers({ discord, living }: Stage, random: Random): Members {
  const interactions: FakeInteraction[] = [];
  const orders: Order[] = [];
  let prompts = 0;
  const prompt = () => `picture ${++prompts}`;

  async function send(order: Order): Promise<void> {
    const ready = living().flatMap(({ url }) => url ?? []);
    if (ready.length === 0) return;
    const form = new FormData();
    form.append("prompt", order.prompt);
    form.append("count", String(order.count));
    const url = random.pick(ready);
    const headers = { "idempotency-key": order.key, origin: url };
    const signal = AbortSignal.timeout(answerMs);
    try {
      const address = `${url}/api/commands/imagine?agreed`;
      const response = await fetch(address, { method: "POST", body: form, headers, signal });
      const { job } = (await response.json()) as { job?: { id: string } };
      if (job) order.jobs.add(job.id);
    } catch {
      // It died, or it is slow: asked again later, under the same key.
    }
  }

  return {
    interactions,
    orders,
    async ask() {
      for (let i = 0; i < 2; i++) {
        const member = discord.user(`member-${interactions.length}`);
        const asked = { prompt: prompt(), count: 1 + random.below(2), size: "1024x1024" }; // cheap enough for no question
        interactions.push(discord.command(member, "imagine", asked));
      }
      const fresh = Array.from({ length: 2 }, () => {
        const jobs = new Set<string>();
        return { key: `key-${orders.length}-${random.below(1e9)}`, prompt: prompt(), count: 1 + random.below(2), jobs };
      });
      orders.push(...fresh);
      await Promise.all(fresh.map(send));
    },
    async insist() {
      const unsure = orders.filter(({ jobs }) => jobs.size === 0);
      const again = orders.filter(() => random.next() < 0.02).slice(0, 3);
      await Promise.all([...unsure, ...again].map(send));
    },
  };
}
