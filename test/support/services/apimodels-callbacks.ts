import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Callback } from "../../../src/providers/provider.ts";
import type { World } from "../../../src/world.ts";

/** An address where a service can really call back, and what an adapter sees of it. */
export interface CallbackServer extends Callback {
  /** All bodies that arrived, in order; whatever is no JSON is null. */
  readonly arrived: readonly unknown[];
  /** Bodies that the adapter was handed. */
  readonly taken: number;
  close(): Promise<void>;
}

/** With a `world`, waiting takes as long as it says there; without one, until a callback arrives or the signal aborts. */
export async function openCallbackServer(world?: World): Promise<CallbackServer> {
  const arrived: unknown[] = [];
  const waiting = new Set<() => void>();
  let taken = 0;
  const server = createServer(async (request, response) => {
    arrived.push(parsed(Buffer.concat(await Array.fromAsync(request)).toString("utf8")));
    response.end("ok");
    for (const wake of waiting) wake();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const next = async (ms: number, signal: AbortSignal) => {
    if (taken === arrived.length) await waitForOne(ms, signal);
    if (taken === arrived.length) return undefined;
    taken += 1;
    return arrived[taken - 1];
  };
  const waitForOne = async (ms: number, signal: AbortSignal) => {
    const call = Promise.withResolvers<void>();
    waiting.add(call.resolve);
    signal.addEventListener("abort", () => call.resolve());
    if (signal.aborted) call.resolve();
    await (world ? Promise.race([call.promise, world.sleep(ms, signal)]) : call.promise);
    waiting.delete(call.resolve);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/secret-of-this-call`,
    next,
    arrived,
    get taken() {
      return taken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
