import type { APIActionRowComponent, APIButtonComponentWithCustomId } from "discord.js";
import { ButtonStyle, ComponentType } from "discord.js";
import type { Card, CardButton } from "../../text/card.ts";
import { clip } from "../../text/words.ts";
import type { Outgoing } from "./api.ts";
import { customId } from "./custom-id.ts";
import { escaped } from "./markup.ts";

export type ButtonRow = APIActionRowComponent<APIButtonComponentWithCustomId>;

const signs: Record<Card["tone"], string> = { plain: "", good: "✅ ", bad: "⚠️ ", waiting: "⏳ " };

const styles: Record<CardButton["style"], APIButtonComponentWithCustomId["style"]> = {
  primary: ButtonStyle.Primary,
  plain: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
};

/** A card as a Discord message. Text rather than an embed: members can switch embeds off. */
export function renderCard(card: Card): Outgoing {
  const rows = (card.rows ?? []).map(({ label, value }) => `${escaped(label)}: **${escaped(value)}**`);
  const lines = [`**${signs[card.tone]}${escaped(card.title)}**`, ...card.paragraphs.map(escaped), ...rows];
  return { content: clip(lines.join("\n"), 2000), components: buttonRows([card.buttons ?? []]) };
}

/** Each group starts a row of its own; Discord takes 5 buttons a row and 5 rows. */
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
