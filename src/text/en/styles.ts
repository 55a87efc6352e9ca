import type { Style, StyleDefault } from "../../contract/usecases.ts";
import type { Card } from "../card.ts";
import { clip } from "../words.ts";

const images = (count: number) => (count === 1 ? "1 image" : `${count} images`);

/** The parts of a style that it sets, by their labels. */
const rowsOf = (style: Style) => {
  const rows = [
    ["Before the prompt", style.before],
    ["After the prompt", style.after],
    ["Size", style.size],
    ["Quality", style.quality],
    ["Format", style.format],
    ["Background", style.background],
    ["Compression", style.compression],
    ["Fidelity", style.fidelity],
    ["Starts from", style.references > 0 ? images(style.references) : undefined],
  ] as const;
  const set = rows.filter(([, value]) => value !== undefined && value !== "");
  return set.map(([label, value]) => ({ label, value: clip(String(value), 300) }));
};

const owner = ({ shared }: Style) => (shared ? "for everyone here" : "yours alone");
/** A channel stands alone, so that platforms can show its name. */
const channelRow = ({ name, channel }: StyleDefault) =>
  channel === undefined ? [] : [{ label: `${name} is the default in`, value: channel }];
const everywhere = ({ channel }: StyleDefault) => channel === undefined;

/** Cards about saved ways to draw. */
export const enStyles = {
  saved: (style: Style): Card => ({
    title: `Saved: ${style.name}`,
    tone: "good",
    paragraphs: [`This style is ${owner(style)}. Name it when you ask for an image: style ${style.name}.`],
    rows: rowsOf(style),
  }),
  one: (style: Style): Card => ({
    title: `Style ${style.name}`,
    tone: "plain",
    paragraphs: [`This style is ${owner(style)}.`],
    rows: rowsOf(style),
  }),
  list: (styles: readonly Style[], defaults: readonly StyleDefault[]): Card => ({
    title: styles.length === 0 ? "No styles yet" : "Styles",
    tone: "plain",
    paragraphs: [
      ...(styles.length === 0 ? ["Save one with Save as style below an image of yours, or with /style save."] : []),
      ...defaults.filter(everywhere).map(({ name }) => `${name} is the default here.`),
      ...(defaults.length > 0 ? ["A default counts where nobody names a style; style none uses none."] : []),
    ],
    rows: [
      ...defaults.flatMap(channelRow),
      ...styles.map((style) => ({
        label: style.name,
        value: [owner(style), ...rowsOf(style).map(({ value }) => clip(value, 40))].join(" · "),
      })),
    ],
  }),
  removed: (style: Style): Card => ({
    title: `Removed: ${style.name}`,
    tone: "good",
    paragraphs: ["Images that were made in it, and jobs that wait, stay as they are."],
  }),
  /** Among the facts of an image. */
  fact: (name: string): string => `style ${name}`,
};
