import type { ChannelPermission } from "../../errors.ts";
import type { Credits } from "../../request.ts";
import type { Card } from "../card.ts";
import { number } from "../words.ts";
import { permissionNames } from "./permissions.ts";

const plain = (title: string, ...paragraphs: string[]): Card => ({ title, tone: "plain", paragraphs });
const bad = (title: string, ...paragraphs: string[]): Card => ({ title, tone: "bad", paragraphs });

/** Sentences that only Discord needs. Moments come as Discord's own markup, and are shown as "in 2 minutes". */
export const enDiscord = {
  /** Names of commands and their parts, as members may type them: one word without capitals. */
  names: {
    ...{ imagine: "imagine", edit: "edit", history: "history", credits: "credits", settings: "settings", help: "help" },
    ...{
      style: "style",
      reference: "reference",
      save: "save",
      show: "show",
      list: "list",
      remove: "remove",
      default: "default",
    },
    ...{ privacy: "privacy", about: "about", export: "export", delete: "delete" },
    ...{ admin: "admin", grant: "grant", limit: "limit", budget: "budget", allowance: "allowance", usage: "usage" },
    ...{ block: "block", rules: "rules", provider: "provider", pause: "pause", resume: "resume", unknown: "unknown" },
  },
  /** In the menu of a message; at most 32 characters. */
  editMessage: "Edit image",
  saveMessage: "Save image as…",
  paintMessage: "Paint over image",
  /** The form about the images of a message. */
  describeImage: (number: number): string => `Alt text of image ${number}`,
  describeHint: "Read to whoever cannot see the image; left empty, it is made from the prompt",
  describeWhich: "Which image",
  describeWhichHint: "Its alt text is below; the others keep theirs",
  describeOneHint: "Read to whoever cannot see that image; left empty, it stays as it is",
  describeHidden: "Spoilers",
  describeHiddenHint: "These images are hidden until somebody looks",
  imageNumber: (number: number): string => `Image ${number}`,
  /** Beside the price, where the result cannot be posted as usual. */
  lacking: (permissions: readonly ChannelPermission[]): string =>
    `I lack ${permissions.map((each) => permissionNames[each]).join(", ")} in this channel: the result comes as an answer to your command, or as a direct message.`,
  /** One size in a list. */
  size: (size: string, total: Credits): string => `${size} · ${number(total)} credits`,
  uploadHint: "More images to use; a file named mask.png is redrawn only where it is transparent",
  reading: (): Card => ({ title: "One moment…", tone: "waiting", paragraphs: [] }),
  noImages: (): Card => bad("No image there", "That message has no image to edit."),
  noImageToSave: (): Card => bad("No image there", "That message has no image to save."),
  /** In a prompt, where Discord does not tell the name of a member, a role or a channel. */
  someone: "someone",
  somewhere: "channel",
  leftOutFiles: (names: string): string => `Left out, because it is not an image: ${names}`,
  runAgain: (): Card =>
    bad("Please run it again", "The image that this form was for is not known any more. Nothing was charged."),
  sayWhat: (): Card => plain("What shall it be?", "Write behind my name what to draw, or what to change in the image."),
  hiddenImage: (): Card =>
    bad(
      "Discord does not show me that image",
      "Open the message's menu, choose Apps and Edit image; or attach the image to your own message.",
    ),
  expected: (start: string | undefined, end: string): string =>
    start === undefined ? `Ready ${end}` : `Starts ${start}, ready ${end}`,
  started: (start: string, end: string | undefined, percent: number | undefined): string =>
    [`Started ${start}`, end ? `ready ${end}` : "", percent === undefined ? "" : `${Math.round(percent)} %`]
      .filter(Boolean)
      .join(", "),
  /** The credits that a member has once the job's price is held. */
  left: (credits: Credits): string => `${number(credits)} credits left after it`,
  sentDirect: "It could not be shown here: look in your direct messages.",
  /** For a private result or bad news that found no other way. */
  waiting: (user: string, made: boolean): string =>
    made
      ? `${user}, your private images are ready, but you take no direct messages from me. They are in /history; nothing was charged.`
      : `${user}, there was no image this time, and nothing was charged.`,
  /** Some images are not the service's own bytes; `links` lead to those that are, in Discord's markup. */
  smaller: (count: number, links: string): string =>
    `${count === 1 ? "1 image was" : `${count} images were`} too large for Discord and made smaller.${links ? ` Original: ${links}` : ""}`,
  stoodStill: (count: number, links: string): string =>
    `${count === 1 ? "1 animation was" : `${count} animations were`} too large for Discord: only the first frame is shown.${links ? ` Original: ${links}` : ""}`,
  leftOut: (count: number): string =>
    `${count === 1 ? "1 image does" : `${number(count)} images do`} not fit into Discord's messages; the document names them.`,
};
