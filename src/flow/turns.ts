/** Lets one piece of work per key run at a time, in the order of asking. */
export interface Turns {
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
  /** Somebody has the turn. */
  isTaken(key: string): boolean;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    isTaken: (key) => last.has(key),
    take(key, work) {
      const turn = (last.get(key) ?? Promise.resolve()).then(work);
      const end = turn.then(
        () => undefined,
        () => undefined,
      );
      last.set(key, end);
      void end.then(() => {
        if (last.get(key) === end) last.delete(key);
      });
      return turn;
    },
  };
}
