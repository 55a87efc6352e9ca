import type { types } from "@slack/bolt";
import { type CreditsView, isFinal, type JobView, type UsageReport } from "../../../contract/usecases.ts";
import type { Text } from "../../../text/text.ts";
import { utcTime } from "../../../text/words.ts";
import { buttonRow, cardContent, escaped, headline, markup, note, plain } from "../messages/blocks.ts";
import { jobBlocks } from "../messages/replies.ts";
import { imageShown } from "../messages/result.ts";
import type { Uploaded } from "../messages/upload.ts";

/** Everything that a member's home shows. */
export interface HomeFacts {
  readonly credits: CreditsView;
  /** Newest first. */
  readonly jobs: readonly JobView[];
  /** Slack's id of the first image of a job, where it is there. */
  readonly files: ReadonlyMap<string, Uploaded>;
  readonly settings: readonly types.KnownBlock[];
  /** For who manages the workspace. */
  readonly usage: UsageReport | undefined;
}

const openLimit = 10;
/** So many of the latest jobs are shown with their first image. */
const recentLimit = 3;

export function homeView(facts: HomeFacts, text: Text, now: number): types.HomeView {
  const { home } = text.slack;
  const { jobs, files, settings, usage } = facts;
  const open = jobs.filter(({ state }) => !isFinal(state)).slice(0, openLimit);
  return {
    type: "home",
    blocks: [
      { type: "header", text: plain(home.title, 150) },
      ...creditsBlocks(facts.credits, text),
      { type: "divider" },
      heading(home.open),
      ...(open.length === 0 ? [note(home.nothingOpen)] : open.flatMap((job) => openBlocks(job, text, now))),
      { type: "divider" },
      heading(home.recent),
      ...recentBlocks(recentJobs(jobs), files, text),
      { type: "divider" },
      heading(home.defaults),
      ...settings,
      ...(usage ? usageBlocks(usage, text) : []),
    ],
  };
}

/** Shown when nothing can be read. */
export function brokenView(text: Text): types.HomeView {
  return { type: "home", blocks: [{ type: "section", text: plain(text.slack.home.broken, 3000) }] };
}

export function recentJobs(jobs: readonly JobView[]): readonly JobView[] {
  return jobs.filter(({ images }) => images.length > 0).slice(0, recentLimit);
}

function heading(words: string): types.KnownBlock {
  return { type: "header", text: plain(words, 150) };
}

function creditsBlocks({ available, held, renewsTo, renewsAt }: CreditsView, text: Text): types.KnownBlock[] {
  const { home } = text.slack;
  const lines = [
    home.credits(text.credits(available), text.credits(held)),
    home.renews(text.credits(renewsTo), utcTime(renewsAt)),
  ];
  return [
    { type: "section", text: markup(lines.join("\n")) },
    ...buttonRow([
      { command: "imagine", label: home.create, style: "primary" },
      { command: "history", label: home.history, style: "plain" },
    ]),
  ];
}

function openBlocks(job: JobView, text: Text, now: number): types.KnownBlock[] {
  const { title, paragraphs, buttons = [] } = text.job(job, now);
  const lines = job.waiting ? [title, ...paragraphs] : [title]; // why it waits, and until when
  return [headline(job.memberName, job.request.prompt), note(escaped(lines.join("\n"))), ...buttonRow(buttons)];
}

function recentBlocks(jobs: readonly JobView[], files: HomeFacts["files"], text: Text): types.KnownBlock[] {
  if (jobs.length === 0) return [note(text.slack.home.nothingRecent)];
  return jobs.flatMap((job) => {
    const file = files.get(job.id);
    return [...(file ? imageShown(job, 0, file, text) : []), ...jobBlocks(job, text)];
  });
}

function usageBlocks({ days, total, month, byProvider }: UsageReport, text: Text): types.KnownBlock[] {
  const { home } = text.slack;
  const limit = month.limit === undefined ? undefined : text.credits(month.limit);
  const { blocks } = cardContent({
    title: home.usage(days),
    tone: "plain",
    paragraphs: [
      home.total(total.jobs, total.images, text.credits(total.charged)),
      home.month(text.credits(month.spent), limit),
    ],
    rows: byProvider.map(({ name, charged }) => ({ label: name, value: text.credits(charged) })),
  });
  return [{ type: "divider" }, ...blocks];
}
