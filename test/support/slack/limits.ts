import type { Json } from "./state.ts";

/** The limits of Block Kit, as its reference names them: every broken one is a sentence. */
type Report = (sentence: string) => void;

const list = (value: unknown) => (Array.isArray(value) ? (value as Json[]) : []);
const textOf = (value: unknown) => String((value as Json | undefined)?.text ?? "");

export function checkMessage(text: unknown, blocks: readonly Json[], report: Report): void {
  if (typeof text !== "string" || text === "") report("a message has no text for notifications");
  if (String(text).length > 40_000) report("a message's text has more than 40,000 characters");
  if (blocks.length > 50) report(`a message has ${blocks.length} blocks`);
  if (blocks.filter(({ type }) => type === "table").length > 1) report("a message has more than one table");
  if (/<[!@]/.test(`${text}${JSON.stringify(blocks)}`)) report("a message mentions somebody");
  checkBlocks(blocks, "message", report);
}

export function checkView(view: Json, report: Report): void {
  const blocks = list(view.blocks);
  for (const part of view.type === "home" ? [] : ["title", "submit", "close"]) {
    const length = textOf(view[part]).length;
    if (length < 1 || length > 24) report(`a view's ${part} has ${length} characters`);
  }
  if (String(view.private_metadata ?? "").length > 3000) report("private_metadata has more than 3,000 characters");
  if (String(view.callback_id ?? "").length > 255) report("a callback_id has more than 255 characters");
  if (JSON.stringify(view).length > 250_000) report("a view has more than 250 kB");
  if (blocks.length > 100) report(`a view has ${blocks.length} blocks`);
  checkBlocks(blocks, "view", report);
}

function checkBlocks(blocks: readonly Json[], surface: "message" | "view", report: Report): void {
  const ids = blocks.flatMap(({ block_id }) => (block_id === undefined ? [] : [block_id]));
  if (new Set(ids).size !== ids.length) report("two blocks have one block_id");
  const elements = blocks.flatMap((block) => [
    ...list(block.elements),
    ...(block.accessory ? [block.accessory as Json] : []),
  ]);
  const actions = elements.flatMap(({ action_id }) => action_id ?? []);
  if (new Set(actions).size !== actions.length) report("two buttons have one action_id");
  for (const block of blocks) checkBlock(block, surface, report);
}

function checkBlock(block: Json, surface: "message" | "view", report: Report): void {
  const elements = list(block.elements);
  switch (block.type) {
    case "section":
      checkLength("a section's text", textOf(block.text), 3000, report);
      if (block.accessory) checkSelect(block.accessory as Json, report);
      break;
    case "header":
      checkLength("a header", textOf(block.text), 150, report);
      break;
    case "divider":
      break;
    case "context":
      if (elements.length > 10) report("a context has more than 10 elements");
      for (const element of elements) checkLength("a context's text", String(element.text), 3000, report);
      break;
    case "image":
      checkImage(block, report);
      break;
    case "actions":
      if (elements.length > 25) report("a row has more than 25 buttons");
      for (const button of elements) checkButton(button, report);
      break;
    case "rich_text":
      checkRichText(elements, report);
      break;
    case "table":
      if (surface !== "message") report("a table stands in a view");
      checkTable(block, report);
      break;
    case "input":
      if (surface !== "view") report("an input stands in a message");
      checkInputBlock(block, report);
      break;
    default:
      report(`a block of type ${block.type}`);
  }
}

/** The reference of the table block, and Slack's error "only_one_table_allowed". */
function checkTable({ rows, column_settings: settings }: Json, report: Report): void {
  const cells = (rows as Json[][]).flat();
  const [head = []] = rows as Json[][];
  if (list(rows).length < 1 || list(rows).length > 100) report(`a table has ${list(rows).length} rows`);
  if (head.length < 1 || head.length > 20) report(`a table has ${head.length} columns`);
  if ((rows as Json[][]).some((row) => row.length !== head.length)) report("a table's rows differ in length");
  if (list(settings).length > 20) report("a table has more than 20 settings of columns");
  for (const { align = "left" } of list(settings)) {
    if (!["left", "center", "right"].includes(String(align))) report(`a column stands at ${align}`);
  }
  for (const cell of cells) checkCell(cell, report);
  if (JSON.stringify(cells.map(({ text }) => text ?? "")).length > 12_000) report("a table has too many characters");
}

function checkCell(cell: Json, report: Report): void {
  const isRich = cell.type === "rich_text";
  if (isRich) checkRichText(list(cell.elements), report);
  else if (cell.type !== "raw_text" && cell.type !== "raw_number") report(`a ${cell.type} in a table`);
  if (!isRich && (typeof cell.text !== "string" || cell.text === "")) report("a table has an empty cell");
  if (cell.type === "raw_number" && typeof cell.value !== "number") report("a number in a table has no value");
}

function checkRichText(elements: readonly Json[], report: Report): void {
  for (const { type, elements: parts } of elements) {
    if (type !== "rich_text_section") report(`a ${type} in rich text`);
    for (const part of list(parts)) checkLength("a part of rich text", partOf(part), 3000, report);
  }
}

const partOf = ({ text, user_id, usergroup_id, channel_id }: Json) =>
  String(text ?? user_id ?? usergroup_id ?? channel_id ?? "");

function checkImage({ alt_text: altText, title }: Json, report: Report): void {
  checkLength("an image's alt text", String(altText ?? ""), 2000, report);
  if (title !== undefined) checkLength("an image's title", textOf(title), 2000, report);
}

function checkInputBlock(block: Json, report: Report): void {
  checkLength("a label", textOf(block.label), 2000, report);
  if (block.hint !== undefined) checkLength("a hint", textOf(block.hint), 2000, report);
  checkInput(block.element as Json, report);
  if (block.dispatch_action && (block.element as Json).type === "file_input") report("a file input tells nothing");
}

function checkButton(button: Json, report: Report): void {
  if (button.type !== "button") report(`a ${button.type} in a row of buttons`);
  checkLength("a button's text", textOf(button.text), 75, report);
  if (button.url === undefined) checkLength("a button's value", String(button.value ?? ""), 2000, report);
  else checkLength("a button's address", String(button.url), 3000, report);
  checkLength("an action_id", String(button.action_id ?? ""), 255, report);
  const confirm = button.confirm as Json | undefined;
  if (!confirm) return;
  checkLength("a question's title", textOf(confirm.title), 100, report);
  checkLength("a question", textOf(confirm.text), 300, report);
  for (const answer of ["confirm", "deny"]) checkLength("an answer", textOf(confirm[answer]), 30, report);
}

function checkSelect(select: Json, report: Report): void {
  if (select.type !== "static_select") report(`a ${select.type} beside a section`);
  checkOptions(select, report);
  const initial = select.initial_option as Json | undefined;
  const known = list(select.options).some((option) => JSON.stringify(option) === JSON.stringify(initial));
  if (initial && !known) report("a select begins with what is not among its options");
}

function checkOptions(select: Json, report: Report): void {
  const options = list(select.options);
  if (options.length < 1 || options.length > 100) report(`a select has ${options.length} options`);
  for (const option of options) {
    checkLength("an option's text", textOf(option.text), 75, report);
    checkLength("an option's value", String(option.value ?? ""), 75, report);
  }
}

function checkInput(element: Json, report: Report): void {
  switch (element.type) {
    case "plain_text_input":
      if (Number(element.max_length) > 3000) report("a text input takes more than 3,000 characters");
      return;
    case "number_input":
      if (typeof element.is_decimal_allowed !== "boolean") report("a number input does not say if it is decimal");
      if (typeof element.min_value !== "string") report("a number input's bound is not a text");
      return;
    case "static_select":
      checkSelect(element, report);
      return;
    case "file_input":
      if (!(Number(element.max_files) >= 1 && Number(element.max_files) <= 10))
        report("a file input takes 1 to 10 files");
      return;
    case "conversations_select":
    case "users_select":
      return;
    default:
      report(`an input of type ${element.type}`);
  }
}

function checkLength(what: string, text: string, limit: number, report: Report): void {
  if (text.length < 1 || text.length > limit) report(`${what} has ${text.length} characters`);
}
