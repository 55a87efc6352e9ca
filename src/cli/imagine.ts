import { constants } from "node:fs";
import { access, copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import type { Draft, JobView, QuoteView } from "../contract/usecases.ts";
import { isFinal } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import type { IncomingImage } from "../image.ts";
import { textFor } from "../text/text.ts";
import type { World } from "../world.ts";
import type { LocalApi } from "./local-api.ts";
import { createProgress } from "./progress.ts";
import type { ImagineTask } from "./task.ts";

/** The terminal that a command speaks to. */
export interface Terminal {
  /** Results: what another program may want to read. */
  print(line: string): void;
  /** Everything else. */
  say(line: string): void;
  /** False when the answer is no, or nobody is there to give one. */
  confirm(question: string): Promise<boolean>;
  /** Calls `pressed` at Ctrl-C, until the result is called. */
  onInterrupt(pressed: () => void): () => void;
  readonly out: NodeJS.WriteStream;
}

const exit = { done: 0, failed: 1, declined: 2, interrupted: 130 } as const;
const text = textFor("en");

/** The main job from a terminal: price, question, progress, files. Gives the exit code. Throws Refusal. */
export async function imagine(task: ImagineTask, api: LocalApi, terminal: Terminal, world: World): Promise<number> {
  const draft = await draftOf(task);
  const quote = await api.quote(draft, { references: task.image.length, masked: task.mask !== undefined });
  for (const line of text.quote(quote).paragraphs) terminal.say(line);
  if (quote.confirm && !task.yes && !(await terminal.confirm(`Spend at most ${text.credits(quote.total)}?`))) {
    terminal.say("Nothing was made, and nothing was spent.");
    return exit.declined;
  }
  await mkdir(task.out, { recursive: true }); // what cannot be saved must not be paid for
  await access(task.out, constants.W_OK);
  const job = await api.imagine(draft, world.id());
  const { end, interrupted } = await follow(job, api, terminal, world);
  if (end.state === "delivered") return save(end, quote, task, { api, terminal });
  if (interrupted && end.state === "cancelled") {
    terminal.say("Cancelled; nothing was spent.");
    return exit.interrupted;
  }
  for (const line of text.job(end).paragraphs) terminal.say(line);
  return exit.failed;
}

async function draftOf(task: ImagineTask): Promise<Draft> {
  const { prompt, size, quality, count, format, provider, mask } = task;
  const images = await Promise.all(task.image.map(incoming));
  return { prompt, size, quality, count, format, provider, images, ...(mask ? { mask: await incoming(mask) } : {}) };
}

async function incoming(file: string): Promise<IncomingImage> {
  await access(file, constants.R_OK);
  return { filename: path.basename(file), source: { path: path.resolve(file) } };
}

async function follow(job: JobView, api: LocalApi, terminal: Terminal, world: World) {
  const progress = createProgress(terminal.out, world.now);
  let end = job;
  let interrupted = false;
  const restore = terminal.onInterrupt(() => {
    interrupted = true;
    void api.cancel(job.id, world.id()).catch((error: unknown) => {
      progress.end();
      terminal.say(error instanceof Refusal ? text.refusals["too-late-to-cancel"]({}) : String(error));
    });
  });
  try {
    for await (const view of api.watch(job.id, new AbortController().signal)) {
      end = view;
      if (!isFinal(view.state)) progress.show(view);
    }
  } finally {
    progress.end();
    restore();
  }
  return { end, interrupted };
}

async function save(
  job: JobView,
  quote: QuoteView,
  { out }: ImagineTask,
  { api, terminal }: { api: LocalApi; terminal: Terminal },
): Promise<number> {
  for (const [index, { format }] of job.images.entries()) {
    const file = path.join(out, `${job.id}-${index + 1}.${format}`);
    await copyFile(await api.imagePath(job.id, index), file);
    terminal.print(file);
  }
  const charged = job.charged ?? 0;
  terminal.say(`${text.result.facts(job)}. ${text.credits(quote.available - charged)} are left.`);
  return exit.done;
}
