import type { JobView } from "../contract/usecases.ts";
import { sizeText } from "../request.ts";
import { printable } from "./printable.ts";

export interface Progress {
  show(view: JobView): void;
  /** The terminal is ready for other lines again. */
  end(): void;
}

const width = 24;
const redrawMs = 500;

/** Shows how a job goes on: a bar that moves where a person looks on, else one line for each state. */
export function createProgress(out: NodeJS.WriteStream, now: () => number): Progress {
  if (!out.isTTY) return lines(out);
  let shown: JobView | undefined;
  const draw = () => shown && out.write(`\r\x1b[2K${barOf(shown, now())}`);
  const timer = setInterval(draw, redrawMs);
  return {
    show(view) {
      shown = view;
      draw();
    },
    end() {
      clearInterval(timer);
      if (shown) out.write("\r\x1b[2K");
    },
  };
}

function lines(out: NodeJS.WritableStream): Progress {
  let last = "";
  return {
    show(view) {
      const line = wordsOf(view);
      if (line !== last) out.write(`${line}\n`);
      last = line;
    },
    end: () => undefined,
  };
}

function wordsOf({ state, position, request, provider }: JobView): string {
  if (state === "awaiting") return "waiting for approval";
  if (state === "queued") return position === undefined ? "waiting" : `waiting, number ${position} in the queue`;
  return state === "running" ? `drawing ${request.count} × ${sizeText(request.size)} at ${printable(provider)}` : state;
}

/** Draws the part that the service tells; else of the time that it usually takes. */
function barOf(view: JobView, now: number): string {
  const { startedAt, expected, progress } = view;
  const ofTime =
    startedAt !== undefined && expected ? (now - startedAt) / Math.max(1, expected.endAt - startedAt) : undefined;
  const part = progress?.percent === undefined ? ofTime : progress.percent / 100;
  const seconds = startedAt === undefined ? "" : ` ${Math.max(0, Math.round((now - startedAt) / 1000))} s`;
  if (part === undefined || view.state !== "running") return `${wordsOf(view)}…${seconds}`;
  const full = Math.round(Math.min(0.99, Math.max(0, part)) * width);
  return `[${"█".repeat(full)}${"░".repeat(width - full)}] ${wordsOf(view)}${seconds}`;
}
