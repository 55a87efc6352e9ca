import type { AnyCommand } from "../../../command/command.ts";
import type { Reply } from "../../../command/reply.ts";
import type { Caller, Draft, JobView, UseCases } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { type Asked, callerOf } from "../asked.ts";
import type { Parts } from "../context.ts";
import { messageKey, threadKey } from "../keys.ts";
import { type Content, escaped, headline, note } from "../showing/blocks.ts";
import { isDirect, type Place, readPlace, type Spot, writePlace } from "../showing/place.ts";
import { asideMs, erase, post, rewrite } from "../showing/post.ts";
import { showReply } from "../showing/replies.ts";
import { jobContent } from "../showing/result.ts";
import { tellAlone } from "../showing/tell.ts";
import { unreadableBecause } from "./unreadable.ts";

const rememberMs = 24 * 60 * 60_000;

/**
 * Runs a command and shows what it answers. A job's waiting message is posted before the job exists, so that its
 * address is kept with the job and survives any restart; when the job is refused, it is taken away again. `agreed`: the
 * member saw the price before.
 */
export async function runCommand(
  parts: Parts,
  command: AnyCommand,
  answers: Record<string, unknown>,
  asked: Asked,
  agreed = false,
): Promise<void> {
  const text = textFor(asked.locale);
  const { team, user, channel, thread } = asked;
  let place: Place = { team, user, channel, thread, private: false };
  const announce: Announce = async (caller, draft, at = place) => {
    place = { ...at, private: await isPrivate(parts, caller, draft) };
    place = { ...place, waiting: await announced(parts, place, asked) };
    return { ...caller, place: writePlace(place) };
  };
  const usecases = announcing(parts.context.usecases, announce);
  const caller = callerOf(asked, place);
  let reply: Reply;
  try {
    reply = await command.run({ answers, caller, usecases, text, agreed });
  } catch (error) {
    if (place.waiting) await takeAway(parts, team, place.waiting);
    const because = await unreadableBecause(parts, error, answers, text);
    if (because !== undefined) return tellAlone(parts, asked, text.refusal(because));
    throw error;
  }
  if (reply.kind === "job") await showJob(parts, asked, place, reply.job);
  else await showReply(parts, asked, reply);
  parts.home.changed(team, user);
}

/** Shows in this message how the job stands, now and at each change. */
export function followThere(parts: Parts, job: string, place: Place, spot: Spot, locale: string): void {
  const { world } = parts.context;
  const show = (view: JobView) =>
    rewrite(parts, place, spot, jobContent(view, textFor(locale), world.now()), locale, asideMs);
  parts.followers.follow(job, place, spot, show);
}

type Wanted = Pick<Draft, "private">;
/** The caller with the place of the announcement, which is `at` or where the member is now. */
type Announce = (caller: Caller, draft?: Wanted, at?: Place) => Promise<Caller>;

/** What starts a job announces it first. */
function announcing(real: UseCases, announce: Announce): UseCases {
  return {
    ...real,
    imagine: async (draft, caller) => real.imagine(draft, await announce(caller, draft)),
    edit: async (of, draft, caller) => real.edit(of, draft, await announce(caller, draft)),
    again: async (job, caller) => real.again(job, await announce(caller)),
    vary: async (of, caller) => real.vary(of, await announce(caller)),
    upscale: async (of, caller) => real.upscale(of, await announce(caller)),
    async accept(question, caller) {
      const { request, place } = await real.question(question, caller);
      return real.accept(question, await announce(caller, request, readPlace(place)));
    },
  };
}

/** As said, else as the member always wants it; what else decides is seen when the job is there. */
async function isPrivate({ context }: Parts, caller: Caller, draft: Wanted | undefined): Promise<boolean> {
  if (!draft) return false;
  if (draft.private !== undefined) return draft.private;
  const settings = await context.usecases.settings(caller).catch(() => undefined);
  return settings?.private ?? false;
}

/** Tells nothing of the job, which may turn out to be private. Undefined when Slack does not take it: the job goes on without, and its result is posted anew. */
async function announced(parts: Parts, place: Place, asked: Asked): Promise<Spot | undefined> {
  const { waiting } = textFor(asked.locale).slack;
  const content: Content = {
    text: escaped(`${asked.name}: ${waiting}`),
    blocks: [headline(asked.name, undefined), note(waiting)],
  };
  return post(parts, place, content, asked.locale).catch((err: unknown) => {
    parts.context.log.warn({ inbound: asked.inbound, err }, "Slack did not take a waiting message");
    return undefined;
  });
}

async function showJob(parts: Parts, asked: Asked, place: Place, job: JobView): Promise<void> {
  const { team, waiting } = place;
  const text = textFor(asked.locale);
  await noteThread(parts, place, job);
  if (!waiting) return tellAlone(parts, asked, text.job(job, parts.context.world.now()));
  if (isStray(job, waiting)) return takeAway(parts, team, waiting);
  if (job.request.private && !isDirect(waiting.channel)) {
    await takeAway(parts, team, waiting);
    return tellAlone(parts, asked, { title: text.slack.private, tone: "plain", paragraphs: [] });
  }
  followThere(parts, job.id, place, waiting, asked.locale);
}

/** Who writes again below a thread means what was asked for there last. */
async function noteThread({ context }: Parts, { team, channel, thread }: Place, { id }: JobView): Promise<void> {
  if (channel === undefined || thread === undefined) return;
  await context.cache.set(threadKey(team, channel, thread), id, rememberMs);
}

/** An event that came twice, to two processes, announced one job twice: the announcement that is kept with the job counts. */
function isStray(job: JobView, waiting: Spot): boolean {
  const kept = job.place === undefined ? undefined : readPlace(job.place);
  return kept !== undefined && (kept.waiting?.channel !== waiting.channel || kept.waiting.ts !== waiting.ts);
}

async function takeAway(parts: Parts, team: string, spot: Spot): Promise<void> {
  await erase(parts, team, spot).catch((err: unknown) => {
    parts.context.log.warn({ spot: messageKey(team, spot), err }, "Slack did not delete a waiting message");
  });
}
