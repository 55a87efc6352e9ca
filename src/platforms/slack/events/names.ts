import { textFor } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import type { Emoji } from "./emoji.ts";

/** A member's words with marks in the place of names: a name must not be read as an option of the command. */
export interface ReadableWords {
  readonly line: string;
  /** The answers with names, as the member reads them, in the place of the marks. */
  named<Answers extends object>(answers: Answers): Answers;
  /** These names. */
  readonly names: readonly string[];
}

const lookUps = 20;
const nameLimit = 80;
const [begin, end] = ["\uE000", "\uE001"];

/**
 * Members, groups, channels, dates, links and emoji in Slack's markup become what the member sees in their place; ids never reach
 * an image service. `app` is the app's own user, whose name is left out; without it, all members' names are.
 */
export async function readableWords(
  slack: SlackContext,
  event: SlackEvent,
  text: string,
  app: string | undefined,
  emoji: Emoji = new Map(),
): Promise<ReadableWords> {
  const marks: string[] = [];
  const marked = (markup: string) => `${begin}${marks.push(markup) - 1}${end}`;
  const line = text
    .replaceAll(/[\uE000\uE001]/g, "")
    .replaceAll(/<((?:[@#]\w|!\w|[a-z][\w+.-]*:)[^<>]*)>/gi, (_, markup: string) => {
      const user = /^@(\w+)/.exec(markup)?.[1];
      if (user !== undefined && (user === app || app === undefined)) return " ";
      return marked(markup);
    })
    .replaceAll(/:[\w+'-]{1,100}:(?::skin-tone-\d:)?/g, (code) => (emoji.has(code) ? marked(code) : code))
    .replaceAll(/[^\S\n]+/g, " ")
    .trim();
  const asked = new Set(marks.filter((markup) => !emoji.has(markup)).slice(0, lookUps));
  const names = await Promise.all(
    marks.map((markup) => emoji.get(markup) ?? nameOf(slack, event, markup, asked.has(markup))),
  );
  const restored = (words: string) =>
    words.replaceAll(/\uE000(\d+)\uE001/g, (_, index: string) => names[Number(index)] ?? "");
  const named = ([key, answer]: [string, unknown]) => [key, typeof answer === "string" ? restored(answer) : answer];
  return { line, names, named: (answers) => Object.fromEntries(Object.entries(answers).map(named)) as typeof answers };
}

/** `<@U2|ada>`, `<#C1|general>`, `<!subteam^S1|@design>`, `<!here>`, `<!date^…|today>`, `<tel:+43…|call>`, `<https://…>`. */
async function nameOf(slack: SlackContext, event: SlackEvent, markup: string, ask: boolean): Promise<string> {
  const [target = "", label] = halves(markup);
  const [, kind = "", id = ""] = /^([@#]|!subteam\^)(\w+)/.exec(target) ?? [];
  const { slack: words } = textFor(event.locale);
  if (kind === "@") return `@${label || (ask && (await slack.members.name(event.team, id))) || words.someone}`;
  if (kind === "#") return `#${label || words.somewhere}`;
  const shown = label && clip(unescapedLabel(label), nameLimit);
  if (kind) return withAt(shown || (ask && (await slack.members.groupName(event.team, id))) || words.someone);
  if (target.startsWith("!")) return shown || `@${/^!(\w+)/.exec(target)?.[1] ?? words.someone}`;
  return shown || unescapedLabel(target.replace(/^(?:mailto|tel|sms):/, ""));
}

function halves(markup: string): [string, string | undefined] {
  const bar = markup.indexOf("|");
  return bar < 0 ? [markup, undefined] : [markup.slice(0, bar), markup.slice(bar + 1)];
}

const withAt = (name: string) => (name.startsWith("@") ? name : `@${name}`);

function unescapedLabel(label: string): string {
  return label.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
