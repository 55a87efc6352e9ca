import type { types } from "@slack/bolt";
import { dataUrl, type Html, html, marked, type Piece } from "./html.ts";

/** A message or a view, and who looks at it. */
export interface Shown {
  /** Bytes of a file that was uploaded, by its id. */
  image(id: string): Buffer | undefined;
  /** The values that the member has put into a form, by block. */
  readonly filled?: Readonly<Record<string, string>>;
}

/** Blocks as Slack shows them. */
export function drawBlocks(blocks: readonly types.KnownBlock[], shown: Shown): Html {
  return html`${blocks.map((block) => drawBlock(block, shown))}`;
}

function drawBlock(block: types.KnownBlock, shown: Shown): Html {
  switch (block.type) {
    case "header":
      return html`<h2>${block.text.text}</h2>`;
    case "divider":
      return html`<hr>`;
    case "section":
      return html`<div class="section">
        <div>${block.text && drawText(block.text)}</div>${block.accessory && drawElement(block.accessory)}
      </div>`;
    case "context":
      return html`<div class="context">${block.elements.map((part) => "text" in part && drawText(part))}</div>`;
    case "actions":
      return html`<div class="actions">${block.elements.map((element) => drawElement(element))}</div>`;
    case "image": {
      const file = "slack_file" in block && block.slack_file;
      if (!file || !("id" in file)) throw undrawn("image without a file");
      const bytes = shown.image(file.id ?? "");
      return html`<figure>${block.title && html`<figcaption>${block.title.text} ▾</figcaption>`}
        <img src="${dataUrl(bytes)}" alt="${block.alt_text}"></figure>`;
    }
    case "rich_text":
      return html`<div class="section"><div>${block.elements.map(drawRich)}</div></div>`;
    case "table":
      return drawTable(block);
    case "input":
      return drawInput(block, shown.filled?.[block.block_id ?? ""]);
    default:
      throw undrawn(block.type);
  }
}

const people: Readonly<Record<string, string>> = { U2: "Ada", U3: "Cem", U4: "Ada", U7: "Ann", U8: "Ann", U9: "Bea" };

/** Members and channels as Slack names them. */
function drawRich(section: types.RichTextBlock["elements"][number]): Html {
  if (section.type !== "rich_text_section") throw undrawn(section.type);
  return html`${section.elements.map((part) => {
    if (part.type === "text") return lines(part.text);
    if (part.type === "user") return html`<span class="named">@${people[part.user_id] ?? part.user_id}</span>`;
    if (part.type === "channel") return html`<span class="named"># office</span>`;
    throw undrawn(part.type);
  })}`;
}

function drawTable({ rows, column_settings: settings = [] }: types.TableBlock): Html {
  const cells = (row: types.TableBlock["rows"][number]) =>
    row.map((cell, column) => {
      const words = cell.type === "rich_text" ? cell.elements.map(drawRich) : cell.text;
      return html`<td class="${settings[column]?.align ?? "left"}">${words}</td>`;
    });
  return html`<table>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</table>`;
}

const undrawn = (type: string) => new Error(`the bot sends ${type}, which nobody draws yet`);

/** Slack's markup, as far as the bot writes it. */
function drawText({ type, text }: types.TextObject): Html {
  if (type === "plain_text") return html`${lines(text)}`;
  return html`${marked(text, /\*([^*\n]+)\*|\n/g, ([, bold]) => (bold === undefined ? html`<br>` : html`<b>${plain(bold)}</b>`), plain)}`;
}

const lines = (text: string): Piece => marked(text, /\n/g, () => html`<br>`);

function plain(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

type Element = types.ActionsBlockElement | types.SectionBlockAccessory;

function drawElement(element: Element): Html {
  if (element.type === "button") return html`<span class="button ${element.style}">${element.text.text}</span>`;
  if (element.type !== "static_select") throw undrawn(element.type);
  return drawSelect(element.initial_option?.text.text);
}

function drawSelect(chosen: string | undefined): Html {
  return html`<span class="select ${!chosen && "empty"}">${chosen ?? "Select an item"}</span>`;
}

function drawInput({ label, hint, optional, element }: types.InputBlock, value: string | undefined): Html {
  return html`<div class="field"><b>${label.text}</b>${optional && html` <span class="hint">(optional)</span>`}
    ${drawField(element, value)}<div class="hint">${hint?.text}</div></div>`;
}

function drawField(element: types.InputBlockElement, value: string | undefined): Html {
  switch (element.type) {
    case "plain_text_input":
      return html`<div class="text ${element.multiline && "tall"}">${value}</div>`;
    case "number_input":
      return html`<div class="text">${value}</div>`;
    case "static_select": {
      const option = element.options?.find((each) => each.value === value);
      return drawSelect(option?.text.text);
    }
    case "file_input":
      return html`<span class="button">Upload ${element.max_files === 1 ? "a file" : "files"}</span>`;
    case "conversations_select":
      return drawSelect(element.default_to_current_conversation ? "# general" : undefined);
    default:
      throw undrawn(element.type);
  }
}
