export interface Silence {
  /** All of the answer could be there. */
  mayBeAll(): boolean;
  /** Ends the connection; the body then ends, or fails. */
  readonly drop?: (() => void) | undefined;
  readonly lingerMs?: number | undefined;
}

/** Long enough for what a service may still write behind its images, such as their cost. */
const defaultLingerMs = 1000;

/** Gives the chunks of a body, and gives it up when nothing comes for a while after all of it could be there. */
export async function* untilSilent(
  body: AsyncIterable<Uint8Array>,
  { mayBeAll, drop, lingerMs = defaultLingerMs }: Silence,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Uint8Array>> | undefined;
  try {
    for (;;) {
      pending = chunks.next();
      const next = await (mayBeAll() ? Promise.race([pending, silence(pending, lingerMs)]) : pending);
      if (next === undefined) return;
      pending = undefined;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // A chunk that is waited for keeps its iterator from ending by itself.
    if (pending) {
      drop?.();
      pending.catch(() => undefined);
    } else await chunks.return?.();
  }
}

function silence(chunk: Promise<unknown>, ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    const stop = () => clearTimeout(timer);
    chunk.then(stop, stop);
  });
}
