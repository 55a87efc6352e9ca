import type { APIUser, GatewayMessageCreateDispatchData } from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { Fields } from "../../command/fields.ts";
import type { Text } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { Cache } from "../../world.ts";
import { type DiscordApi, unlessClosed } from "./rest/api.ts";

/** The place where words were written, and what came along that tells names. */
export interface WordsOrigin {
  readonly guild: string | undefined;
  readonly mentions?: readonly (APIUser & { readonly member?: { readonly nick?: string | null | undefined } })[];
  readonly text: Text;
}

interface Deps {
  readonly api: DiscordApi;
  readonly cache: Cache;
}

const lookUps = 10;
const nameLimit = 80;
const rememberMs = 3_600_000;
/** `<@1>`, `<@!1>`, `<@&1>`, `<#1>`, `<:name:1>`, `<a:name:1>`, `<t:1:R>`, `</name:1>`, `<id:guide>`. */
const markup =
  /<(?:(?<kind>@!?|@&|#)(?<id>\d{5,20})|a?:(?<emoji>\w{1,40}):\d{5,20}|t:(?<time>-?\d{1,15})(?::\w)?|\/(?<command>[^:<>\n]{1,100}):\d{5,20}|id:(?<guide>\w{1,30}))>/gu;

/** Words as their member reads them, and those of them that came from Discord. */
export interface ReadableWords {
  readonly words: string;
  readonly plainWords: readonly string[];
}

/** The words as their member reads them: names in the place of Discord's markup, so that no id reaches an image service. */
export async function readableWords(words: string, origin: WordsOrigin, deps: Deps): Promise<ReadableWords> {
  const ids = [...new Set([...words.matchAll(markup)].flatMap(({ groups }) => targetOf(groups) ?? []))];
  const known = await Promise.all(
    ids.map(
      async (target, index) => [target, await nameOf(target, origin, index < lookUps ? deps : undefined)] as const,
    ),
  );
  const names = new Map(known);
  const plainWords = new Set<string>();
  const readable = words.replaceAll(markup, (...match) => {
    const groups = match.at(-1) as Groups;
    const target = targetOf(groups);
    const shown = (target && names.get(target)) ?? plain(groups);
    plainWords.add(shown);
    return shown;
  });
  return { words: readable, plainWords: [...plainWords] };
}

type Groups = Readonly<Record<string, string | undefined>>;

/** `@1`, `@&1` or `#1`. */
function targetOf({ kind, id }: Groups = {}): string | undefined {
  return kind && id ? `${kind.replace("!", "")}${id}` : undefined;
}

/** An emoji by its name, a moment as it is written, a command as it is typed. */
function plain({ emoji, time, command, guide }: Groups): string {
  if (emoji) return emoji.replaceAll("_", " ");
  if (time) return new Date(Number(time) * 1000).toUTCString().replace(/ GMT$/, "");
  return command ? `/${command}` : (guide ?? "");
}

async function nameOf(target: string, origin: WordsOrigin, deps: Deps | undefined): Promise<string> {
  const [, kind = "", id = ""] = /^(@&|@|#)(\d+)$/.exec(target) ?? [];
  const { guild, mentions = [], text } = origin;
  const mentioned = kind === "@" ? mentions.find((user) => user.id === id) : undefined;
  const given = mentioned && (mentioned.member?.nick ?? mentioned.global_name ?? mentioned.username);
  const name = given ?? (deps && (await remembered(kind, id, guild, deps)));
  const sign = kind === "#" ? "#" : "@";
  return sign + clip(name || (kind === "#" ? text.discord.somewhere : text.discord.someone), nameLimit);
}

async function remembered(kind: string, id: string, guild: string | undefined, { api, cache }: Deps): Promise<string> {
  const note = `discord:name:${guild ?? ""}:${kind}${id}`;
  const known = await cache.get<string>(note);
  if (known !== undefined) return known;
  const name = await asked(kind, id, guild, api).catch(() => "");
  await cache.set(note, name, rememberMs); // a refusal is as good as an answer
  return name;
}

async function asked(kind: string, id: string, guild: string | undefined, api: DiscordApi): Promise<string> {
  if (kind === "#") {
    const channel = await unlessClosed(api.channel({ channel: id, guild }));
    const near = channel && "guild_id" in channel && channel.guild_id === guild; // other servers' names are not told
    return near && "name" in channel ? (channel.name ?? "") : "";
  }
  if (kind === "@&")
    return (guild && (await unlessClosed(api.roles(guild)))?.find((role) => role.id === id)?.name) || "";
  const user = await unlessClosed(api.user(id));
  return user?.global_name ?? user?.username ?? "";
}

/** Makes the text written for a command that starts a job readable; other answers stay as they are. */
export async function readableAnswers<Answers extends Readonly<Record<string, unknown>>>(
  { fields, startsJob }: AnyCommand,
  answers: Answers,
  origin: WordsOrigin,
  deps: Deps,
): Promise<{ readonly answers: Answers; readonly plainWords: readonly string[] }> {
  if (!startsJob) return { answers, plainWords: [] };
  const kinds = fields as Fields;
  const plainWords: string[] = [];
  const read = async ([key, answer]: [string, unknown]) => {
    if (kinds[key]?.kind !== "text" || typeof answer !== "string") return [key, answer] as const;
    const readable = await readableWords(answer, origin, deps);
    plainWords.push(...readable.plainWords);
    return [key, readable.words] as const;
  };
  const readable = Object.fromEntries(await Promise.all(Object.entries(answers).map(read))) as Answers;
  return { answers: readable, plainWords };
}

/** A message's words and the names that came with it. */
export function originOf({ guild_id, mentions }: GatewayMessageCreateDispatchData, text: Text): WordsOrigin {
  return { guild: guild_id || undefined, mentions: mentions ?? [], text };
}
