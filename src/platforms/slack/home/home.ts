import type { types } from "@slack/bolt";
import type { Caller, JobView, UsageReport } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import type { Home, SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { appPageEvent } from "../events/events.ts";
import { settingsCommand } from "../events/lookup.ts";
import { type Uploaded, uploadImage } from "../messages/upload.ts";
import { brokenView, homeView, recentJobs } from "./home-view.ts";
import { changeBy, settingsBlocks } from "./settings-blocks.ts";

/** Slack takes 100 homes a minute: one member's is shown anew at most so often. */
const paceMs = 5000;
const remembered = 1000;
const historyLength = 20;
const usageDays = 30;

/** A home that a member looks at: an organisation's installation has one for all its workspaces. */
interface Shown {
  readonly team: string;
  readonly at: number;
  /** It will be shown anew. */
  due: boolean;
}

export function createHome(slackOf: () => SlackContext): Home {
  const looking = new Map<string, Shown>();
  const underway = new Set<Promise<void>>();
  const stopping = new AbortController();
  const keyOf = async (team: string, user: string) => `${await slackOf().workspaces.installation(team)}:${user}`;
  const show = async (team: string, user: string) => {
    const slack = slackOf();
    const key = await keyOf(team, user);
    looking.delete(key); // who looked last is forgotten last
    looking.set(key, { team, at: slack.context.world.now(), due: false });
    if (looking.size > remembered) looking.delete(looking.keys().next().value ?? "");
    await publishHome(slack, team, user);
  };
  const track = (work: Promise<void>) => {
    const done = work.finally(() => underway.delete(done));
    underway.add(done);
    return done;
  };
  const showSoon = async (team: string, user: string) => {
    if (looking.size === 0) return;
    const { world } = slackOf().context;
    const key = await keyOf(team, user);
    const seen = looking.get(key);
    if (!seen || seen.due || seen.team !== team) return;
    seen.due = true;
    await world.sleep(Math.max(0, seen.at + paceMs - world.now()), stopping.signal);
    if (!stopping.signal.aborted && looking.get(key) === seen) await show(team, user);
  };

  return {
    opened: (team, user) => track(show(team, user)),
    changed(team, user) {
      const warn = (err: unknown) => slackOf().context.log.warn({ team, err }, "a home in Slack cannot be shown");
      void track(showSoon(team, user).catch(warn));
    },
    async choose(event, choice) {
      const { context } = slackOf();
      const command = settingsCommand(context);
      const change = command && changeBy(choice, command);
      if (!change) return;
      const { team, user } = event;
      await context.usecases.changeSettings(change, callerOf(event, { team, user, private: true }));
      await track(show(team, user));
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(underway);
    },
  };
}

async function publishHome(slack: SlackContext, team: string, user: string): Promise<void> {
  const { context, workspaces, members, options } = slack;
  const facts = await members.facts(team, user);
  const event = appPageEvent(team, user, facts, options.locale, `slack:home:${context.world.id()}`);
  const put = (view: types.HomeView) =>
    workspaces.call(team, { method: "views.publish", order: `home:${user}` }, (client) =>
      client.views.publish({ user_id: user, view: { ...view, private_metadata: JSON.stringify({ team }) } }),
    );
  try {
    await put(await viewFor(slack, event));
  } catch (err) {
    context.log.warn({ team, err }, "a home in Slack cannot be shown");
    await put(brokenView(textFor(event.locale))).catch(() => undefined);
  }
}

async function viewFor(slack: SlackContext, event: SlackEvent): Promise<types.HomeView> {
  const { usecases, world } = slack.context;
  const text = textFor(event.locale);
  const caller = callerOf(event, { team: event.team, user: event.user, private: true });
  const [credits, jobs, settings, usage] = await Promise.all([
    usecases.credits(caller),
    usecases.history(caller, { limit: historyLength }),
    usecases.settings(caller),
    usageFor(slack, caller),
  ]);
  const command = settingsCommand(slack.context);
  const blocks = command ? settingsBlocks(command, settings, usecases.services({}), text) : [];
  const files = await firstImages(slack, event.team, recentJobs(jobs));
  return homeView({ credits, jobs, files, settings: blocks, usage }, text, world.now());
}

/** Undefined for members without rights. */
async function usageFor({ context }: SlackContext, caller: Caller): Promise<UsageReport | undefined> {
  if (caller.rights === undefined) return undefined;
  return context.usecases.admin.usage(usageDays, caller).catch((err: unknown) => {
    context.log.info({ err }, "usage cannot be shown in a home in Slack");
    return undefined;
  });
}

/** An image that Slack does not take, or that is no longer there, is left out. */
async function firstImages(
  slack: SlackContext,
  team: string,
  jobs: readonly JobView[],
): Promise<Map<string, Uploaded>> {
  const files = new Map<string, Uploaded>();
  for (const job of jobs) {
    const [image] = job.images;
    const alt = textFor(job.locale).result.altText(job, 1000, image);
    const file =
      image &&
      (await uploadImage(slack, team, image, { name: `${job.id}-1`, alt }).catch((err: unknown) => {
        slack.context.log.info({ job: job.id, err }, "an image cannot be shown in a home in Slack");
        return undefined;
      }));
    if (file) files.set(job.id, file);
  }
  return files;
}
