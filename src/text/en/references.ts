import type { SavedImage } from "../../contract/usecases.ts";
import type { Card } from "../card.ts";
import { utcTime } from "../words.ts";

type Named = Pick<SavedImage, "name" | "shared">;

const owner = ({ shared }: Named) => (shared ? "for everyone here" : "yours alone, here");
const facts = (saved: SavedImage) => [
  owner(saved),
  `${saved.image.width}x${saved.image.height} ${saved.image.format}`,
  utcTime(saved.savedAt),
];

/** Cards and sentences about images that were saved under names. */
export const enReferences = {
  saved: (image: SavedImage): Card => ({
    title: `Saved: @${image.name}`,
    tone: "good",
    paragraphs: [`This image is ${owner(image)}. Write @${image.name} in a prompt to start from it.`],
  }),
  one: (image: SavedImage): Card => ({
    title: `@${image.name}`,
    tone: "plain",
    paragraphs: [facts(image).join(" · ")],
  }),
  /** For who cannot see it. */
  altText: ({ name }: Named): string => `The saved image @${name}`,
  list: (images: readonly SavedImage[]): Card => ({
    title: images.length === 0 ? "No saved images yet" : "Saved images",
    tone: "plain",
    paragraphs: [
      images.length === 0
        ? "Save one with Save image as… below an image or in the menu of a message, or with /reference save."
        : "Write a name in a prompt to start from that image.",
    ],
    rows: images.map((image) => ({
      label: `@${image.name}`,
      value: [...facts(image), ...(image.hidden ? ["a prompt means yours of that name"] : [])].join(" · "),
    })),
  }),
  removed: (image: Named): Card => ({
    title: `Removed: @${image.name}`,
    tone: "good",
    paragraphs: ["Images that were made from it, and jobs that wait, stay as they are."],
  }),
  /** With the price, and with the job. */
  named: (images: readonly Named[]): string =>
    `Starts from ${images.map((image) => `@${image.name} (${image.shared ? "everyone's" : "yours"})`).join(", ")}.`,
  unknown: (names: readonly string[]): string =>
    names.length === 1
      ? `@${names[0]} is no saved image that you can use here: it stays a word.`
      : `${names.map((name) => `@${name}`).join(", ")} are no saved images that you can use here: they stay words.`,
};
