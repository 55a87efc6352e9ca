import type {
  APIActionRowComponent,
  APIButtonComponentWithCustomId,
  APIButtonComponentWithURL,
  APIComponentInContainer,
  APIContainerComponent,
  APIMediaGalleryComponent,
  APITextDisplayComponent,
} from "discord.js";
import { ButtonStyle, ComponentType } from "discord.js";
import type { Card, CardButton } from "../../text/card.ts";
import { clip } from "../../text/words.ts";
import { customId } from "./custom-id.ts";
import { escaped, withMentions } from "./markup.ts";
import type { Outgoing, OutgoingFile } from "./rest/message.ts";

export type ButtonRow = APIActionRowComponent<APIButtonComponentWithCustomId>;

const signs: Record<Card["tone"], string> = { plain: "", good: "✅ ", bad: "⚠️ ", waiting: "⏳ " };
const colours: Record<Card["tone"], number> = { plain: 0x5865f2, good: 0x2e9e5b, bad: 0xd9822b, waiting: 0xe8b923 };

const styles: Record<CardButton["style"], APIButtonComponentWithCustomId["style"]> = {
  primary: ButtonStyle.Primary,
  plain: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
};

/** Discord takes 4,000 characters in all texts of a message. */
const cardText = 3000;

export interface CardExtras {
  /** Discord's own markup, below the card's words. */
  readonly lines?: readonly string[];
  /** An image in the card. */
  readonly picture?: OutgoingFile | undefined;
}

/** A card as a Discord message. */
export function renderCard(card: Card, extras: CardExtras = {}): Outgoing {
  const { picture } = extras;
  return { components: [renderContainer(card, extras)], ...(picture ? { files: [picture] } : {}) };
}

export function renderContainer(card: Card, { lines = [], picture }: CardExtras = {}): APIContainerComponent {
  const rows = (card.rows ?? []).map(({ label, value }) => `${escaped(label)}: **${withMentions(value)}**`);
  const words = [
    `**${signs[card.tone]}${withMentions(card.title)}**`,
    ...card.paragraphs.filter(Boolean).map(withMentions),
    ...rows,
  ];
  const components: APIComponentInContainer[] = [
    textDisplay(clip(words.join("\n"), cardText)),
    ...(lines.length > 0 ? [textDisplay(clip(lines.join("\n"), 1000))] : []),
    ...(picture ? [gallery([picture])] : []),
    ...(card.link ? [linkRow(card.link)] : []),
    ...buttonRows([card.buttons ?? []]),
  ];
  return { type: ComponentType.Container, accent_color: colours[card.tone], components };
}

export function textDisplay(content: string): APITextDisplayComponent {
  return { type: ComponentType.TextDisplay, content: content || "\u200b" };
}

/** Shows up to 10 attached images. */
export function gallery(files: readonly Pick<OutgoingFile, "name" | "alt" | "spoiler">[]): APIMediaGalleryComponent {
  return {
    type: ComponentType.MediaGallery,
    items: files.map(({ name, alt, spoiler }) => ({
      media: { url: `attachment://${name}` },
      ...(alt ? { description: alt } : {}),
      ...(spoiler ? { spoiler } : {}),
    })),
  };
}

function linkRow({ label, url }: NonNullable<Card["link"]>): APIActionRowComponent<APIButtonComponentWithURL> {
  const button = { type: ComponentType.Button, style: ButtonStyle.Link, label: clip(label, 80), url } as const;
  return { type: ComponentType.ActionRow, components: [button] };
}

/** Each group starts a row of its own; Discord takes 5 buttons a row. */
export function buttonRows(groups: readonly (readonly CardButton[])[]): ButtonRow[] {
  const rows = groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / 5) }, (_, row) => group.slice(row * 5, row * 5 + 5)),
  );
  return rows.map((buttons) => ({ type: ComponentType.ActionRow, components: buttons.map(renderButton) }));
}

function renderButton({ command, job, image, label, style }: CardButton): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    custom_id: customId({ command, job, index: image }),
    label: clip(label, 80),
    style: styles[style],
  };
}
