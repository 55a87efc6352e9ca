import type { JobView, MemberData, MemberSettings, UseCases } from "../../contract/usecases.ts";
import type { Card } from "../card.ts";
import { clip, number, utcTime } from "../words.ts";

const plain = (title: string, ...paragraphs: string[]): Card => ({ title, tone: "plain", paragraphs });
const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
const days = (count: number) => (count === 0 ? "until you delete them" : count === 1 ? "1 day" : `${count} days`);

/** Cards about a member's own things. */
export const enCards = {
  history: (jobs: readonly JobView[], search: string | undefined, limit: number): Card => {
    if (jobs.length === 0) {
      return plain(
        "Nothing here",
        search === undefined
          ? "You have not made any images yet, or they have been deleted."
          : `No prompt of yours holds “${clip(search, 80)}”.`,
      );
    }
    const last = jobs.at(-1);
    return {
      title: search === undefined ? "Your images" : `Your images with “${clip(search, 80)}”`,
      tone: "plain",
      paragraphs: [],
      rows: jobs.map((job) => ({
        label: utcTime(job.createdAt),
        value: `${job.parent ? "↳ " : ""}${clip(job.batch?.written ?? job.request.prompt, 80)}`,
      })),
      ...(jobs.length === limit && last && search === undefined
        ? { buttons: [{ command: "older", job: last.id, label: "Older", style: "plain" }] }
        : {}),
    };
  },

  declined: (): Card => plain("Nothing was made", "Nothing was spent either."),

  paintLink: (url: string): Card => ({
    title: "Paint over this image",
    tone: "plain",
    paragraphs: [
      "Mark what to change, draw on it, or make room around it. The result comes here.",
      "The link is for you alone: it works once, within 15 minutes.",
    ],
    link: { label: "Open", url },
  }),

  /** The button that leads there. */
  galleryButton: "Gallery",
  galleryLink: (url: string): Card => ({
    title: "Your images here",
    tone: "plain",
    paragraphs: [
      "All of them on one page: to search, download, paint over and delete.",
      "The link is for you alone: it works once, within 15 minutes.",
    ],
    link: { label: "Open", url },
  }),

  removed: (): Card => plain("Deleted", "The images and the prompt are gone. What was paid stays paid."),
  described: (): Card =>
    plain("Changed", "The image has its new alt text and spoiler, and keeps them wherever it is shown."),
  describedLater: (): Card =>
    plain(
      "Kept for later",
      "The alt text and the spoiler are kept for whenever the image is shown again. The message itself could not be changed: it was deleted, or it stands where I cannot change it any more.",
    ),

  settings: (s: MemberSettings): Card => {
    const rows = [
      ["Size", s.size],
      ["Quality", s.quality],
      ["Count", s.count],
      ["Format", s.format],
      ["Background", s.background],
      ["Compression", s.compression],
      ["Fidelity", s.fidelity],
      ["Drafts", s.drafts === undefined ? undefined : s.drafts ? "yes" : "no"],
      ["Service", s.provider],
      ["Private", s.private === undefined ? undefined : s.private ? "yes" : "no"],
      ["Ask above", s.confirmAbove === undefined ? undefined : `${number(s.confirmAbove)} credits`],
    ] as const;
    const set = rows.filter(([, value]) => value !== undefined);
    return {
      title: "Your settings",
      tone: "plain",
      paragraphs: [set.length === 0 ? "Nothing is set: the usual values are used." : "Used wherever you say nothing."],
      rows: set.map(([label, value]) => ({ label, value: String(value) })),
    };
  },

  help: (rows: readonly { label: string; value: string }[]): Card => ({
    title: "Images from words",
    tone: "plain",
    paragraphs: [
      "Say what to draw, and see the price before anything is spent. You pay only for images that you get.",
      "Reply to an image with what to change, and it is edited. Behind a comma at the end of a prompt, words such as 2k, 16:9, high or x3 set size, quality and count.",
    ],
    rows,
  }),

  privacy: (services: readonly string[], kept: UseCases["retention"]): Card => ({
    title: "What is kept about you",
    tone: "plain",
    paragraphs: [
      "Your prompts, the images you send and get, your name and your settings are kept by whoever runs this bot, and nowhere else.",
      `Prompts and results: ${days(kept.contentDays)}. Images that you started from: ${days(kept.referenceDays)}. Styles and saved images: until you remove them.`,
      `Prompts and the images to start from are sent to the image service that makes yours, with a number in place of your name: ${services.join(", ")}.`,
      "What was paid stays on record without your name. Export or delete everything else at any time.",
    ],
  }),

  exported: ({ images }: MemberData): Card =>
    plain(
      "Your data",
      images.length === 0
        ? "Everything that is kept about you is in the file."
        : `Everything that is kept about you: one document and ${images.length} images (${megabytes(images.reduce((sum, { bytes }) => sum + bytes, 0))}).`,
    ),

  deleteData: (): Card => ({
    title: "Delete everything?",
    tone: "bad",
    paragraphs: [
      "Prompts, images, names and settings are deleted for good, and waiting jobs are cancelled. Messages in channels stay: delete those with their own button.",
      "What was paid stays on record without your name.",
    ],
    buttons: [{ command: "privacy-delete-now", label: "Delete everything", style: "danger" }],
  }),

  deleted: (jobs: number): Card =>
    plain("Deleted", `${jobs === 1 ? "1 job" : `${number(jobs)} jobs`} and your settings are gone.`),

  /** A time to come, in seconds. */
  about: (seconds: number): string =>
    seconds < 90 ? `about ${Math.max(5, Math.ceil(seconds / 5) * 5)} s` : `about ${Math.ceil(seconds / 60)} min`,
};
