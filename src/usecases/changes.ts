import { EventEmitter } from "node:events";

/** Says within this process that a job changed; other processes are noticed by polling. */
export interface Changes {
  announce(job: string): void;
  /** Resolves when the job is announced, `signal` aborts, or never: race it with a clock. */
  next(job: string, signal: AbortSignal): Promise<void>;
}

export function createChanges(): Changes {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0); // one for each member who watches
  return {
    announce: (job) => emitter.emit(job),
    next: (job, signal) =>
      new Promise((resolve) => {
        const done = () => {
          emitter.off(job, done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        emitter.on(job, done);
        signal.addEventListener("abort", done);
      }),
  };
}
