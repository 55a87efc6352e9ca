import { EventEmitter } from "node:events";

/** The progress of a call, as the service reports it. */
export interface Progress {
  readonly percent?: number | undefined;
  /** Where an unfinished image lies on this machine. */
  readonly preview?: string | undefined;
}

/** Says that a job changed: within this process, and by `spread` to the others that share the database. */
export interface Changes {
  announce(job: string): void;
  /** Another process announced it. */
  hear(job: string): void;
  /** Resolves when the job is announced, `signal` aborts, or never: race it with a clock. */
  next(job: string, signal: AbortSignal): Promise<void>;
  /** Remembers what is new of a running job; announced at most once a second. */
  show(job: string, progress: Progress, now: number): void;
  /** Undefined when nothing was shown, or the job runs in another process. */
  progressOf(job: string): Progress | undefined;
  /** Its call has ended. */
  forget(job: string): void;
}

const betweenMs = 1000;

export function createChanges(spread: (job: string) => void = () => undefined): Changes {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0); // one for each member who watches
  const shown = new Map<string, { progress: Progress; announcedAt: number }>();
  return {
    announce(job) {
      emitter.emit(job);
      spread(job);
    },
    hear: (job) => void emitter.emit(job),
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
    show(job, progress, now) {
      const before = shown.get(job);
      const due = !before || now - before.announcedAt >= betweenMs;
      shown.set(job, { progress: { ...before?.progress, ...progress }, announcedAt: due ? now : before.announcedAt });
      if (due) emitter.emit(job);
    },
    progressOf: (job) => shown.get(job)?.progress,
    forget: (job) => void shown.delete(job),
  };
}
