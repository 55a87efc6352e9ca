import type { types } from "@slack/bolt";
import type { fakeSlack } from "../../support/slack/slack.ts";
import type { Json } from "../../support/slack/state.ts";
import { type Html, html, type Piece } from "./html.ts";
import type { Picture } from "./picture.ts";
import { drawBlocks, type Shown } from "./slack-parts.ts";

export type FakeSlack = Awaited<ReturnType<typeof fakeSlack>>;

export const picture = (name: string, body: Html): Picture => ({ name, look: "slack", body });

export const bot = html`<span class="avatar">A</span>`;

/** Between two looks of one message. */
export const later: Piece = html`<div class="later">a moment later, the same message</div>`;

/** A message of the bot, with a note above it. */
export function drawMessage({ blocks }: { readonly blocks: readonly Json[] }, shown: Shown, note?: string): Html {
  return html`<div class="message">${bot}<div class="head"><b>Atelier</b> <span class="app">APP</span>
    ${note && html`<span class="note">${note}</span>`}</div>
    <div class="body">${drawBlocks(blocks as unknown as types.KnownBlock[], shown)}</div></div>`;
}

/** A message of a member. */
export function drawWritten(name: string, words: string): Html {
  return html`<div class="message"><span class="avatar member">${name.slice(0, 1)}</span>
    <div class="head"><b>${name}</b></div><div class="body">${words}</div></div>`;
}

export function drawChannel(messages: readonly Piece[], name = "general"): Html {
  return html`<div class="channel"><div class="top"><b># ${name}</b></div>${messages}</div>`;
}

/** The bar of the app, with one of its pages open. */
export function drawBar(open: "Home" | "Messages"): Html {
  const tabs = ["Home", "Messages", "About"].map((tab) =>
    tab === open ? html`<span class="tab">${tab}</span>` : html`<i>${tab}</i>`,
  );
  return html`<div class="top tabs">${bot}<b>Atelier</b>${tabs}</div>`;
}
