import { type Found, readOption, sizes, type Word } from "./option-words.ts";

interface Standing {
  readonly whole: string;
  readonly words: readonly Word[];
  /** The index of the first option among the words. */
  readonly place: number;
}

/** Can this row of options, up to the end of the text, not belong to the sentence before it? */
export function isApart(row: readonly Found[], standing: Standing): boolean {
  const { whole, words, place } = standing;
  const [first] = row;
  const apart = words[place]?.apart;
  if (!first || mayBeQuoted(whole, first.start) || endsList(first, standing)) return false;
  if (/^\d{1,2}[x×]/iu.test(whole.slice(first.start))) return false; // "enlarge it, 3x"
  const alone = row.filter(({ by }) => by !== "flag").length === 1;
  const assigned = first.by === "assignment";
  if (alone && isPlainQuality(first, whole)) return false; // "a steak, medium"
  if (apart === "line") return !isAnnounced(whole, first.start);
  if (tellsOfOption(first, sentenceBefore(whole, first.start))) return false;
  if (apart === "comma" || assigned) return true;
  return !alone && sizes.includes(first.kind) && !governing.has((words[place - 1]?.text ?? "").toLowerCase());
}

/** Do the words before a named option leave no doubt that it is meant as one? */
export function isOnPurpose(option: Found, whole: string): boolean {
  const { start, by } = option;
  return by === "flag" && !mayBeQuoted(whole, start) && !tellsOfWords.test(sentenceBefore(whole, start));
}

/** In quotation marks or brackets that are open there, or behind a colon. */
function mayBeQuoted(whole: string, start: number): boolean {
  const before = whole.slice(0, start);
  return isQuoted(before) || /[:：](?:\s|$)/u.test(sentenceBefore(whole, start));
}

/** "720p, 1080p, 4k" is a list, and so are lines of such words. */
function endsList({ kind, by }: Found, { words, place }: Standing): boolean {
  const [previous, here] = [words[place - 1], words[place]];
  if (!previous || !here || !sizes.includes(kind) || by === "assignment") return false;
  if (here.apart === "comma") return /\d/u.test(previous.text);
  return (here.apart === "space" || previous.apart === "line") && readOption(previous.text) !== undefined;
}

function isPlainQuality({ kind, by, start }: Found, whole: string): boolean {
  return kind === "quality" && by !== "assignment" && !/\p{sc=Han}/u.test(whole.slice(start));
}

/** The sentence speaks of something that such an option may be part of. */
function tellsOfOption({ kind }: Found, sentence: string): boolean {
  if (tellsOfWords.test(sentence)) return true;
  if (kind === "ratio") return tellsOfNumbers.test(sentence);
  return kind === "tier" && tellsOfAmounts.test(sentence);
}

/** A quotation or a bracket is open there. */
function isQuoted(before: string): boolean {
  const count = (sign: string) => before.split(sign).length - 1;
  return (
    count('"') % 2 === 1 ||
    count("`") % 2 === 1 ||
    ["“”", "„“", "‘’", "«»", "「」", "『』", "《》", "()", "[]", "（）", "【】"].some(
      ([open = "", close = ""]) => count(open) > count(close),
    )
  );
}

/** The last sentence of the last line, as far as it is near. */
function sentenceBefore(whole: string, end: number): string {
  const near = whole.slice(Math.max(0, end - 1000), end);
  const from = Math.max(...["\n", ". ", "! ", "? ", "。", "！", "？"].map((sign) => near.lastIndexOf(sign)));
  return near.slice(from + 1);
}

/** A line of its own belongs to the lines before when one of them ends in a colon, or the last of them in "says". */
function isAnnounced(whole: string, start: number): boolean {
  const near = whole.slice(Math.max(0, start - 1000), start);
  return /[:：]\n/u.test(near.replaceAll(/[^\S\n]/gu, "")) || announcing.test(near.trimEnd().slice(-20));
}

const announcing = /(?:\b(?:says?|reads?|shows?|displays?|saying|reading|showing|written)|写着|显示|标着)$/iu;

/** Words of the image may be meant. */
const tellsOfWords =
  /\b(?:say(?:s|ing)?|reads?|reading|writ(?:e|es|ing|ten)|texts?|words?|letter(?:s|ing)|label(?:s|led|ed)?|titled?|caption(?:s|ed)?|inscri(?:bed|ption)|slogan|spell(?:s|ed|ing)?|sign(?:s|post)?|logo|banner|sticker|badge|named|called|marked|number(?:s|ed)?|show(?:s|ing|n)|display(?:s|ing|ed)?)\b|写|文字|字样|标题|标语|显示|标着/iu;
/** A score, a time, a verse or a proportion may be meant. */
const tellsOfNumbers =
  /\b(?:scor(?:e|es|ed|ing|eboard)|match|games?|goals?|w[io]ns?|beats?|leads?|lost|final|clocks?|watch(?:es)?|time[rs]?|alarm|hours?|minutes?|o'clock|verse|psalms?|bible|genesis|john|luke|mark|matthew|odds|scale|ratio|against|versus|vs|past|departures?|wristwatch|stopwatch|sundial|microwave|recipe|mix(?:ed|ture)?|diluted?|gears?)\b|比分|比赛|时间|时钟|钟|比例/iu;
/** A screen, a distance or a sum may be meant. */
const tellsOfAmounts =
  /\b(?:tvs?|televisions?|monitors?|screens?|projectors?|cameras?|webcams?|videos?|resolutions?|earn(?:s|ed|ing)?|salar(?:y|ies)|wages?|pric(?:e|es|ed|ing)|costs?|budget|followers|likes|views|subscribers|runs?|runners?|races?|marathons?|miles?|model)\b|电视|屏幕|显示器|相机|分辨率|工资|价格|粉丝/iu;
/** Words behind one of these belong to it. */
const governing = new Set(
  "a an the in at as to of on with for from by and or than is are was be its his her their my our no like shot filmed rendered printed about into x".split(
    " ",
  ),
);
