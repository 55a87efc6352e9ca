import { choiceShape, commandShape, optionShapes, shapeProblems } from "./shapes.ts";

interface Named {
  readonly name: string;
  readonly type?: number;
  readonly description?: string;
  readonly name_localizations?: Readonly<Record<string, string>> | null;
  readonly description_localizations?: Readonly<Record<string, string>> | null;
}

interface Option extends Named {
  readonly required?: boolean;
  readonly autocomplete?: boolean;
  readonly choices?: readonly (Named & { readonly value: string })[];
  readonly options?: readonly Option[];
}

export type Command = Option;

const commandName = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const most = { 1: 100, 2: 15, 3: 15 } as const;

/** The published limits of application commands (docs: application commands; OpenAPI: ApplicationCommandUpdateRequest). */
export function* commandProblems(commands: readonly object[]): Generator<string> {
  const all = commands as readonly Command[];
  for (const type of [1, 2, 3] as const) {
    const ofType = all.filter((command) => (command.type ?? 1) === type);
    if (ofType.length > most[type]) yield `${ofType.length} commands of type ${type}`;
    yield* nameProblems("command", ofType, type === 1);
  }
  for (const command of all) {
    yield* shapeProblems(`/${command.name}`, command, commandShape);
    if (command.type === 3 && (command.description || command.options)) yield `${command.name} is only a name`;
    if ((command.type ?? 1) === 1) yield* optionsProblems(`/${command.name}`, command.options ?? []);
    if (textLength(command) > 8000) yield `/${command.name} has ${textLength(command)} characters`;
  }
}

function* optionsProblems(what: string, options: readonly Option[]): Generator<string> {
  yield* nameProblems(`option of ${what}`, options, true);
  const firstOptional = options.findIndex(({ required }) => !required);
  const lastRequired = options.findLastIndex(({ required }) => required === true);
  if (firstOptional !== -1 && lastRequired > firstOptional) yield "an optional option comes before a required one";
  const groups = options.filter(({ type }) => type === 1);
  if (groups.length > 0 && groups.length < options.length) yield `${what} has both subcommands and options`;
  for (const option of options) {
    const name = `${option.name} of ${what}`;
    yield* shapeProblems(name, option, optionShapes[option.type ?? 0]);
    if (option.choices && option.autocomplete) yield `${name} has both choices and autocomplete`;
    for (const choice of option.choices ?? []) yield* shapeProblems(`a choice of ${name}`, choice, choiceShape);
    if (option.options) yield* optionsProblems(name, option.options);
  }
}

/** `strict`: names as they are typed; menus may say anything. */
function* nameProblems(what: string, list: readonly Named[], strict: boolean): Generator<string> {
  for (const { name, name_localizations } of list) {
    for (const each of [name, ...Object.values(name_localizations ?? {})]) {
      if (isBadName(each, strict)) yield `${what} is named ${each}`;
    }
  }
  for (const locale of ["en", "zh-CN"]) {
    const names = list.map((each) => each.name_localizations?.[locale] ?? each.name);
    if (new Set(names).size !== names.length) yield `two of ${what} have the same name in ${locale}`;
  }
  for (const named of list) yield* descriptionProblems(what, named);
}

function* descriptionProblems(what: string, { name, description_localizations }: Named): Generator<string> {
  for (const each of Object.values(description_localizations ?? {})) {
    if (each.length < 1 || each.length > 100) yield `description of ${what} ${name} has ${each.length} characters`;
  }
}

function isBadName(name: string, strict: boolean): boolean {
  return strict ? !commandName.test(name) || name !== name.toLowerCase() : name.length < 1 || name.length > 32;
}

/** Names, descriptions and values together, each in its longest language. */
function textLength(command: Option): number {
  const longest = (text = "", others: object | null | undefined = {}) =>
    Math.max(text.length, ...Object.values(others ?? {}).map((each: string) => each.length));
  const named = (each: Named) =>
    longest(each.name, each.name_localizations) + longest(each.description, each.description_localizations);
  const choices = (command.choices ?? []).reduce((sum, choice) => sum + named(choice) + choice.value.length, 0);
  return (command.options ?? []).reduce((sum, option) => sum + textLength(option), named(command) + choices);
}
