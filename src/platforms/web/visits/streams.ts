import type { Response } from "express";

/** The event streams of pages: no page keeps more than `most` of them open in this process. */
export function createStreams(most: number) {
  const open = new Map<string, readonly AbortController[]>();
  return {
    /** A signal that ends the stream when newer ones of the same page take its place. */
    open(page: string, res: Pick<Response, "once">): AbortSignal {
      const stream = new AbortController();
      const all = [...(open.get(page) ?? []), stream];
      for (const oldest of all.slice(0, -most)) oldest.abort();
      open.set(page, all.slice(-most));
      res.once("close", () => {
        const left = (open.get(page) ?? []).filter((each) => each !== stream);
        if (left.length > 0) open.set(page, left);
        else open.delete(page);
      });
      return stream.signal;
    },
  };
}
