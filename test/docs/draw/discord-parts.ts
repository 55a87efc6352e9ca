import {
  type APIComponentInLabel,
  type APIMessageTopLevelComponent,
  type APIModalInteractionResponseCallbackComponent,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
} from "discord-api-types/v10";
import { type Html, html, marked, type Piece } from "./html.ts";

/** Who and what a message speaks of. */
export interface Known {
  readonly names: ReadonlyMap<string, string>;
  /** Seconds since 1970 at which somebody looks at it. */
  readonly now: number;
  /** Gives a picture of a file that Discord keeps. */
  image(url: string): string;
}

/** The components of a message as Discord shows them. */
export function drawComponents(components: readonly APIMessageTopLevelComponent[], known: Known): Html {
  return html`${components.map((component) => drawComponent(component, known))}`;
}

function drawComponent(component: APIMessageTopLevelComponent, known: Known): Html {
  switch (component.type) {
    case ComponentType.Container: {
      const colour = `#${(component.accent_color ?? 0).toString(16).padStart(6, "0")}`;
      return html`<div class="container" style="border-color:${colour}">${drawComponents(component.components, known)}</div>`;
    }
    case ComponentType.TextDisplay:
      return html`<div class="text">${drawText(component.content, known)}</div>`;
    case ComponentType.MediaGallery:
      return html`<div class="gallery">${component.items.map(
        ({ media, description }) => html`<img src="${known.image(media.url)}" alt="${description ?? ""}">`,
      )}</div>`;
    case ComponentType.ActionRow:
      return html`<div class="row">${component.components.map((button) => {
        if (button.type !== ComponentType.Button || !("label" in button)) throw undrawn(button.type);
        return html`<span class="button style-${button.style}">${button.label}</span>`;
      })}</div>`;
    default:
      throw undrawn(component.type);
  }
}

const undrawn = (type: number) => new Error(`the bot sends a component of the type ${type}, which nobody draws yet`);

/** Discord's markup, as far as the bot writes it. */
export function drawText(text: string, known: Known): Html {
  return marked(text, /```\n?([\s\S]*?)\n?```|^-# (.*)$|^(.*)\n?/gm, ([, code, small, line]) => {
    if (code !== undefined) return html`<pre>${code}</pre>`;
    if (small !== undefined) return html`<div class="small">${drawLine(small, known)}</div>`;
    return line && html`<div>${drawLine(line, known)}</div>`;
  });
}

const signs: Readonly<Record<string, Html>> = {
  "⏳": html`<svg class="sign" viewBox="0 0 16 16"><path fill="#a4723c" d="M3 1h10v2H3zM3 13h10v2H3z"/><path fill="#bfe3f5" d="M4 3h8c0 3-2.6 3.5-2.6 5S12 10 12 13H4c0-3 2.6-3.5 2.6-5S4 6 4 3z"/><path fill="#f4b93a" d="M5.4 5h5.200C10 6.3 8.6 6.6 8.3 8.500h-.6C7.4 6.6 6 6.3 5.4 5zM4.6 12.600C5 11 7 10.7 8 10c1 .7 3 1 3.4 2.600z"/></svg>`,
  "✅": html`<svg class="sign" viewBox="0 0 16 16"><rect width="14" height="14" x="1" y="1" fill="#3f9b52" rx="3"/><path fill="none" stroke="#fff" stroke-width="2.2" d="m4.5 8.2 2.5 2.6 4.7-5.6"/></svg>`,
};

function drawLine(line: string, known: Known): Piece {
  const inline = /\*\*(.+?)\*\*|<@(\d+)>|<t:(\d+):R>|\\(.)|(⏳|✅)/g;
  return marked(line, inline, ([, bold, member, time, plain, sign]) => {
    if (bold !== undefined) return html`<b>${drawLine(bold, known)}</b>`;
    if (member !== undefined) return html`<span class="mention">@${known.names.get(member) ?? "somebody"}</span>`;
    if (time !== undefined) return html`<span class="time">${away(Number(time) - known.now)}</span>`;
    return plain ?? signs[sign ?? ""];
  });
}

function away(seconds: number): string {
  return new Intl.RelativeTimeFormat("en").format(Math.round(seconds), "second");
}

/** The values that a member has put into a form, by part. */
export type Filled = Readonly<Record<string, string>>;

/** A form as Discord shows it. */
export function drawModal({ title, components }: APIModalInteractionResponseCallbackData, filled: Filled): Html {
  return html`<div class="modal">
    <div class="title"><span class="avatar bot">A</span><b>${title}</b><span class="close">✕</span></div>
    <div class="parts">${components.map((part) => drawPart(part, filled))}</div>
    <div class="row end"><span class="button style-2 wide">Cancel</span><span class="button style-1 wide">Submit</span></div>
  </div>`;
}

function drawPart(part: APIModalInteractionResponseCallbackComponent, filled: Filled): Html {
  if (part.type !== ComponentType.Label) throw undrawn(part.type);
  const { label, description, component } = part;
  const required = "required" in component && component.required;
  return html`<div class="part">
    <div class="label">${label}${required && html`<i> *</i>`}</div>
    <div class="hint">${description}</div>
    ${drawInput(component, filled[component.custom_id])}
  </div>`;
}

function drawInput(component: APIComponentInLabel, value: string | undefined): Html {
  switch (component.type) {
    case ComponentType.TextInput:
      return html`<div class="input ${component.style === 2 && "tall"}">${value ?? component.value}</div>`;
    case ComponentType.StringSelect: {
      const chosen = component.options.find((option) => option.value === value);
      return html`<div class="input select ${!chosen && "empty"}">${chosen?.label ?? "Make a selection"}</div>`;
    }
    case ComponentType.RadioGroup:
      return html`<div class="radios">${component.options.map(
        (option) => html`<div class="${option.value === value && "chosen"}">${option.label}</div>`,
      )}</div>`;
    case ComponentType.Checkbox:
      return html`<div class="boxes"><div class="${component.default && "chosen"}"></div></div>`;
    case ComponentType.FileUpload:
      return html`<div class="drop"><b>Drop files here</b> or <u>browse</u><br>Upload up to ${component.max_values ?? 1} files</div>`;
    default:
      throw undrawn(component.type);
  }
}
