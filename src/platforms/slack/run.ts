import type { AnyCommand } from "../../command/command.ts";
import type { Reply } from "../../command/reply.ts";
import { textFor } from "../../text/text.ts";
import type { Caller, Draft, JobView, UseCases } from "../../usecases/usecases.ts";
import { type Content, escaped, headline, note } from "./blocks.ts";
import { post, rewrite } from "./client.ts";
import { type Asked, callerOf } from "./event.ts";
import type { Parts } from "./parts.ts";
import { messageKey, type Place, type Spot, writePlace } from "./place.ts";
import { jobContent } from "./result.ts";
import { tellAlone } from "./tell.ts";
import { wordsFor } from "./words.ts";

const rememberMs = 24 * 60 * 60_000;

/**
 * Runs a command and shows what it answers. A job's waiting message is posted before the job exists, so that its
 * address is kept with the job and survives any restart; when the job is refused, it is taken away again.
 */
export async function runCommand(
  parts: Parts,
  command: AnyCommand,
  answers: Record<string, unknown>,
  asked: Asked,
): Promise<Reply> {
  const text = textFor(asked.locale);
  let place: Place = {
    team: asked.team,
    user: asked.user,
    channel: asked.channel,
    thread: asked.thread,
    private: false,
  };
  const announce = async (caller: Caller, draft?: Draft): Promise<Caller> => {
    place = { ...place, private: draft?.private ?? false };
    place = { ...place, waiting: await announced(parts, place, asked, draft?.prompt ?? command.summary(text)) };
    return { ...caller, place: writePlace(place) };
  };
  const usecases = announcing(parts.context.usecases, announce);
  const caller = callerOf(asked, place);
  const reply: Reply = await command.run({ answers, caller, usecases, text }).catch(async (error: unknown) => {
    if (place.waiting) await takeAway(parts, place.waiting);
    throw error;
  });
  if (reply.kind === "card") await tellAlone(parts, asked, reply.card);
  else await showJob(parts, asked, place, reply.job);
  return reply;
}

/** Shows in this message how the job stands, now and at each change. */
export function followThere(parts: Parts, job: string, place: Place, spot: Spot, locale: string): void {
  parts.followers.follow(job, spot, (view) =>
    rewrite(parts.client, place, spot, jobContent(view, textFor(locale)), locale),
  );
}

/** What starts a job announces it first. */
function announcing(real: UseCases, announce: (caller: Caller, draft?: Draft) => Promise<Caller>): UseCases {
  return {
    quote: (draft, caller, files) => real.quote(draft, caller, files),
    services: (draft) => real.services(draft),
    imagine: async (draft, caller) => real.imagine(draft, await announce(caller, draft)),
    edit: async (of, draft, caller) => real.edit(of, draft, await announce(caller, draft)),
    again: async (job, caller) => real.again(job, await announce(caller)),
    vary: async (of, caller) => real.vary(of, await announce(caller)),
    upscale: async (of, caller) => real.upscale(of, await announce(caller)),
    cancel: (job, caller) => real.cancel(job, caller),
    credits: (caller) => real.credits(caller),
    history: (caller, limit) => real.history(caller, limit),
    job: (id, caller) => real.job(id, caller),
    watch: (id, signal) => real.watch(id, signal),
    imageFile: (of, caller) => real.imageFile(of, caller),
  };
}

/** Undefined when Slack does not take it: the job goes on without, and its result is posted anew. */
async function announced(parts: Parts, place: Place, asked: Asked, prompt: string): Promise<Spot | undefined> {
  const { waiting } = wordsFor(asked.locale);
  const content: Content = {
    text: escaped(`${asked.name}: ${waiting}`),
    blocks: [headline(asked.name, prompt), note(waiting)],
  };
  return post(parts.client, place, content, asked.locale).catch((err: unknown) => {
    parts.context.log.warn({ inbound: asked.inbound, err }, "Slack did not take a waiting message");
    return undefined;
  });
}

async function showJob(parts: Parts, asked: Asked, place: Place, job: JobView): Promise<void> {
  const { waiting } = place;
  if (!waiting) return tellAlone(parts, asked, textFor(asked.locale).job(job));
  if (await isStray(parts, job.id, waiting)) return takeAway(parts, waiting);
  followThere(parts, job.id, place, waiting, asked.locale);
}

/** An event that came twice, to two processes, announced one job twice: the first announcement counts. */
async function isStray({ context: { cache } }: Parts, job: string, waiting: Spot): Promise<boolean> {
  const key = `slack:announced:${job}`;
  const first = await cache.get<string>(key);
  if (first !== undefined) return first !== messageKey(waiting);
  await cache.set(key, messageKey(waiting), rememberMs);
  return false;
}

async function takeAway({ client, context }: Parts, spot: Spot): Promise<void> {
  await client.chat.delete(spot).catch((err: unknown) => {
    context.log.warn({ spot: messageKey(spot), err }, "Slack did not delete a waiting message");
  });
}
