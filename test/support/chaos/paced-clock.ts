/**
 * Loaded into a bot before its own program, so that a test can let minutes pass in seconds: its clocks and its timers
 * all go at one pace, which its parent quickens for a while. Sockets and the disk go on as ever.
 */
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import { promisify } from "node:util";
import type { ClockOrder } from "./bot.ts";

const real = { now: Date.now, performanceNow: performance.now.bind(performance), setTimeout, clearTimeout };
const startedAt = real.now() + Number(process.env.CLOCK_AHEAD_MS ?? 0);
let pace = 1;
let turn = { real: real.performanceNow(), mine: 0 };
const elapsed = () => turn.mine + (real.performanceNow() - turn.real) * pace;

type Callback = (...given: unknown[]) => void;

class PacedTimer {
  readonly #callback: () => void;
  readonly #ms: number;
  readonly #repeats: boolean;
  #due = 0;
  #isRef = true;
  #real: NodeJS.Timeout | undefined;

  constructor(callback: () => void, ms: number | undefined, repeats = false) {
    this.#callback = callback;
    this.#ms = Math.max(1, Number(ms) || 1);
    this.#repeats = repeats;
    this.refresh();
  }

  refresh(): this {
    this.#due = elapsed() + this.#ms;
    return this.arm();
  }

  /** At the pace of now. */
  arm(): this {
    real.clearTimeout(this.#real);
    this.#real = real.setTimeout(() => this.#fire(), (this.#due - elapsed()) / pace);
    if (!this.#isRef) this.#real.unref();
    waiting.add(this);
    return this;
  }

  close(): this {
    real.clearTimeout(this.#real);
    waiting.delete(this);
    return this;
  }

  ref(): this {
    this.#isRef = true;
    this.#real?.ref();
    return this;
  }

  unref(): this {
    this.#isRef = false;
    this.#real?.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #fire(): void {
    waiting.delete(this);
    if (this.#repeats) this.refresh();
    this.#callback();
  }
}

const waiting = new Set<PacedTimer>();

function changePace(next: number): void {
  turn = { real: real.performanceNow(), mine: elapsed() };
  pace = next;
  for (const timer of [...waiting]) timer.arm();
}

const later = (callback: Callback, ms?: number, ...given: unknown[]) => new PacedTimer(() => callback(...given), ms);
const again = (callback: Callback, ms?: number, ...given: unknown[]) =>
  new PacedTimer(() => callback(...given), ms, true);

function clear(timer: unknown): void {
  if (timer instanceof PacedTimer) timer.close();
  else real.clearTimeout(timer as NodeJS.Timeout | undefined);
}

function delay<Value>(
  ms?: number,
  value?: Value,
  { signal, ref = true }: { signal?: AbortSignal; ref?: boolean } = {},
) {
  return new Promise<Value | undefined>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = later(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve(value);
    }, ms);
    if (!ref) timer.unref();
    function giveUp(): void {
      timer.close();
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", giveUp, { once: true });
  });
}

function timeout(ms: number): AbortSignal {
  const controller = new AbortController();
  later(
    () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
    ms,
  ).unref();
  return controller.signal;
}

Date.now = () => Math.floor(startedAt + elapsed());
performance.now = elapsed;
AbortSignal.timeout = timeout;
const paced = {
  setTimeout: Object.assign(later, { [promisify.custom]: delay }),
  setInterval: again,
  clearTimeout: clear,
  clearInterval: clear,
};
Object.assign(globalThis, paced);
Object.assign(timers, paced);
Object.assign(timersPromises, { setTimeout: delay });
syncBuiltinESMExports();

process.on("message", ({ advanceMs, pace: quick }: ClockOrder) => {
  changePace(quick);
  later(() => {
    changePace(1);
    process.send?.("advanced");
  }, advanceMs);
});
process.channel?.unref();
