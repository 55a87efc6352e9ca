import type { APIMessageTopLevelComponent } from "discord-api-types/v10";
import type { FakeDiscord, FakeInteraction, FakeMessage } from "../../support/discord/discord.ts";
import { shownMessage } from "../../support/discord/shown.ts";
import { drawComponents, drawText, type Known } from "./discord-parts.ts";
import { type Html, html, type Piece } from "./html.ts";

/** A channel with its messages, and what stands below them. */
export function drawChannel(messages: readonly Piece[], below?: Html): Html {
  return html`<div class="channel"><div class="top"><i>#</i> general</div>${messages}${below}</div>`;
}

/** Between two looks of one message. */
export const later = html`<div class="later">a moment later, the same message</div>`;

/** A message as it stands now; with `asked`, the answer to that command, of the name `used`. */
export function drawMessage(
  { state }: FakeDiscord,
  message: FakeMessage,
  known: Known,
  asked?: FakeInteraction,
  used = "imagine",
): Html {
  const { ephemeral, at, replyTo } = message;
  const { components = [], content } = shownMessage(state, message);
  const isBot = message.author === state.botId;
  const name = authorOf(message, known);
  const look = isBot ? "bot" : name.toLowerCase();
  return html`<div class="message">
    ${asked && html`<div class="above">${asked.user.name} used <b>/${used}</b></div>`}
    ${replyTo && html`<div class="above">@${authorOf(replyTo, known)} <i>${summary(replyTo, known)}</i></div>`}
    <span class="avatar ${look}">${name[0]}</span>
    <div class="head">
      <b class="${look}">${name}</b>${isBot && html`<span class="app">APP</span>`}
      <span class="at">${new Date(at).toISOString().slice(11, 16)}</span>
    </div>
    <div class="body">
      ${content && drawText(content, known)}${drawComponents(components as APIMessageTopLevelComponent[], known)}
      ${ephemeral && html`<div class="small">Only you can see this · <u>Dismiss message</u></div>`}
    </div>
  </div>`;
}

/** Everybody who is not a member here is the bot. */
const authorOf = ({ author }: FakeMessage, { names }: Known) => names.get(author) ?? "Atelier";

/** The first words of a message, in one line above a reply to it. */
function summary({ content }: FakeMessage, known: Known): Html {
  const [words = ""] = content.split("\n-#");
  return drawText(words.replaceAll(/```|\n/g, " "), known);
}

/** The line in which somebody types a command, and what is offered for its last option. */
export function composer(
  command: string,
  options: Readonly<Record<string, string>>,
  choices: readonly { readonly name: string }[],
): Html {
  const typed = Object.entries(options).map(([name, value]) => html`<span>${name} <i>${value}</i></span>`);
  return html`<div class="choices">
      <div class="small">${Object.keys(options).at(-1)?.toUpperCase()}</div>
      ${choices.map(({ name }) => html`<div>${name}</div>`)}
    </div>
    <div class="composer"><b>${command}</b> ${typed}</div>`;
}
