import type {
  APIApplicationCommandBasicOption,
  APIMessageTopLevelComponent,
  APIModalInteractionResponseCallbackData,
  RESTPostAPIChannelMessageJSONBody,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord-api-types/v10";

/** A file of a multipart request. */
export interface UploadedFile {
  /** n of `files[n]`. */
  readonly index: string;
  readonly filename: string;
  readonly mime: string;
  readonly bytes: Buffer;
}

export type MessageBody = RESTPostAPIChannelMessageJSONBody;

function* outside(what: string, text: string | null | undefined, min: number, max: number): Generator<string> {
  const length = text?.length ?? 0;
  if (length < min || length > max) yield `${what} has ${length} characters, not ${min} to ${max}`;
}

/** What Discord, or the project's own rule about mentions, has against a message. */
export function* messageProblems(body: MessageBody, files: readonly UploadedFile[]): Generator<string> {
  yield* outside("content", body.content, 0, 2000);
  if (JSON.stringify(body.allowed_mentions?.parse) !== "[]") yield "allowed_mentions.parse is not []";
  if (body.nonce !== undefined && String(body.nonce).length > 25) yield "nonce has more than 25 characters";
  if (files.length > 10) yield `${files.length} files in one message`;
  for (const { id, filename, description } of body.attachments ?? []) {
    const file = files.find(({ index }) => index === String(id));
    if (!file) yield `attachment ${id} has no file`;
    else if (filename !== undefined && filename !== file.filename) yield `attachment ${id} is not ${file.filename}`;
    yield* outside("alt text", description, 0, 1024);
  }
  yield* componentProblems((body.components ?? []) as APIMessageTopLevelComponent[]);
}

function* componentProblems(rows: readonly APIMessageTopLevelComponent[]): Generator<string> {
  if (rows.length > 5) yield `${rows.length} rows of components`;
  const seen = new Set<string>();
  for (const row of rows) {
    if (row.type !== 1) yield `component ${row.type} at the top`;
    if (!("components" in row)) continue;
    if (row.components.length < 1 || row.components.length > 5) yield `${row.components.length} buttons in a row`;
    for (const button of row.components) {
      if (button.type !== 2 || !("custom_id" in button)) {
        yield `component ${button.type} in a row`;
        continue;
      }
      if (seen.has(button.custom_id)) yield `custom_id ${button.custom_id} twice`;
      seen.add(button.custom_id);
      yield* outside("custom_id", button.custom_id, 1, 100);
      yield* outside("button label", button.label, 1, 80);
      if (![1, 2, 3, 4].includes(button.style)) yield `button style ${button.style}`;
    }
  }
}

const partTypes = new Set([3, 4, 5, 6, 7, 8, 19, 21, 22, 23]);

export function* modalProblems(modal: APIModalInteractionResponseCallbackData): Generator<string> {
  yield* outside("modal title", modal.title, 1, 45);
  yield* outside("modal custom_id", modal.custom_id, 1, 100);
  if (modal.components.length < 1 || modal.components.length > 5) yield `${modal.components.length} parts in a modal`;
  const seen = new Set<string>();
  for (const label of modal.components) {
    if (label.type !== 18) {
      yield `modal part ${label.type} is not a label`;
      continue;
    }
    yield* outside("label", label.label, 1, 45);
    yield* outside("label description", label.description, 0, 100);
    const part = label.component;
    yield* outside("part custom_id", part.custom_id, 1, 100);
    if (seen.has(part.custom_id)) yield `part ${part.custom_id} twice`;
    seen.add(part.custom_id);
    yield* partProblems(part);
  }
}

function* partProblems(part: { type: number }): Generator<string> {
  const { type, label, max_length, min_values, max_values, required, options, placeholder } = part as {
    type: number;
    label?: string;
    placeholder?: string;
    max_length?: number;
    min_values?: number;
    max_values?: number;
    required?: boolean;
    options?: { label: string; value: string }[];
  };
  if (!partTypes.has(type)) yield `component ${type} in a label`;
  yield* outside("placeholder", placeholder, 0, 100);
  if (type === 4 && label !== undefined) yield "a text input in a label has a label of its own";
  if (type === 4 && (max_length ?? 4000) > 4000) yield `max_length ${max_length}`;
  if (type === 19 && ((max_values ?? 1) > 10 || (max_values ?? 1) < 1)) yield `${max_values} files`;
  if (type !== 4 && required === true && min_values === 0) yield "required, but none is enough";
  if (type !== 3) return;
  const values = (options ?? []).map(({ value }) => value);
  if (values.length < 1 || values.length > 25) yield `${values.length} lines to pick from`;
  if (new Set(values).size !== values.length) yield "two lines with the same value";
  for (const option of options ?? []) yield* outside("line", option.label, 1, 100);
}

export function* choiceProblems(choices: readonly { name: string; value: string | number }[]): Generator<string> {
  if (choices.length > 25) yield `${choices.length} choices`;
  for (const { name, value } of choices) {
    yield* outside("choice name", name, 1, 100);
    yield* outside("choice value", String(value), 1, 100);
  }
}

type Command = RESTPostAPIChatInputApplicationCommandsJSONBody;
const commandName = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

/** The published limits of application commands (docs: application commands; OpenAPI: ApplicationCommandUpdateRequest). */
export function* commandProblems(commands: readonly Command[]): Generator<string> {
  if (commands.length > 100) yield `${commands.length} commands`;
  yield* nameProblems("command", commands);
  for (const command of commands) {
    const options = (command.options ?? []) as APIApplicationCommandBasicOption[];
    if (options.length > 25) yield `/${command.name} has ${options.length} options`;
    yield* nameProblems(`option of /${command.name}`, options);
    yield* orderProblems(options);
    for (const option of options) if ("choices" in option || "autocomplete" in option) yield* optionProblems(option);
    if (textLength(command) > 8000) yield `/${command.name} has ${textLength(command)} characters`;
  }
}

function* orderProblems(options: readonly APIApplicationCommandBasicOption[]): Generator<string> {
  const firstOptional = options.findIndex(({ required }) => !required);
  const lastRequired = options.findLastIndex(({ required }) => required === true);
  if (firstOptional !== -1 && lastRequired > firstOptional) yield "an optional option comes before a required one";
}

function* optionProblems(option: APIApplicationCommandBasicOption): Generator<string> {
  const { choices, autocomplete, name } = option as {
    name: string;
    choices?: { name: string; value: string }[];
    autocomplete?: boolean;
  };
  if (choices && autocomplete) yield `${name} has both choices and autocomplete`;
  yield* choiceProblems(choices ?? []);
}

type Named = Pick<Command, "name" | "name_localizations" | "description" | "description_localizations">;

function* nameProblems(what: string, list: readonly Named[]): Generator<string> {
  for (const { name, name_localizations, description, description_localizations } of list) {
    for (const each of [name, ...Object.values(name_localizations ?? {})]) {
      if (!commandName.test(each ?? "") || each !== each?.toLowerCase()) yield `${what} is named ${each}`;
    }
    for (const each of [description, ...Object.values(description_localizations ?? {})]) {
      yield* outside(`description of ${what} ${name}`, each, 1, 100);
    }
  }
  for (const locale of ["en", "zh-CN"] as const) {
    const names = list.map((each) => (locale === "en" ? each.name : (each.name_localizations?.[locale] ?? each.name)));
    if (new Set(names).size !== names.length) yield `two of ${what} have the same name in ${locale}`;
  }
}

/** Names, descriptions and values together, each in its longest language. */
function textLength(command: Command): number {
  const longest = (text: string, others: object | null | undefined) =>
    Math.max(text.length, ...Object.values(others ?? {}).map((each: string) => each.length));
  const named = (each: Named) =>
    longest(each.name, each.name_localizations) + longest(each.description, each.description_localizations);
  const options = (command.options ?? []) as (Named & { choices?: (Named & { value: string })[] })[];
  return options.reduce((sum, option) => {
    const choices = (option.choices ?? []).map(
      (choice) => longest(choice.name, choice.name_localizations) + choice.value.length,
    );
    return choices.reduce((total, each) => total + each, sum + named(option));
  }, named(command));
}
