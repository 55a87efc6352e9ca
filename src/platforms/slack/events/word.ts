import type { Field } from "../../../command/fields.ts";
import { groupKey, memberKey } from "../keys.ts";

/** `<#C0123|general>`, `C0123456`, or the address of the channel: Slack makes no markup of a private one. */
const channel =
  /^<#(\w+)(?:\|[^>]*)?>$|^([CG][0-9A-Z]{6,})$|^<?https:\/\/[\w.-]+\/archives\/([CG]\w+)\/?(?:\|[^>]*)?>?$/;

/** One word as the answer to a field; undefined when it is none. Members, groups and channels are known by Slack's markup. */
export function readWord(field: Field, word: string, team: string): unknown {
  switch (field.kind) {
    case "integer":
      return /^[+-]?\d{1,9}$/.test(word) ? Number(word) : undefined;
    case "yes-no":
      return yesNo(word);
    case "choice": {
      const chosen = field.choices.find(({ value }) => value.toLowerCase() === word.toLowerCase());
      return chosen?.value;
    }
    case "member":
      return keyed(/^<@(\w+)(?:\|[^>]*)?>$|^([UW][0-9A-Z]{6,})$/.exec(word), (user) => memberKey(team, user));
    case "role":
      return keyed(/^<!subteam\^(\w+)(?:\|[^>]*)?>$|^(S[0-9A-Z]{6,})$/.exec(word), (group) => groupKey(team, group));
    case "channel":
      return keyed(channel.exec(word), (id) => id);
    case "style":
    case "reference":
      return word === "" ? undefined : word;
    case "text":
    case "service":
    case "image":
    case "images":
    case "job":
      return undefined;
  }
}

function yesNo(word: string): boolean | undefined {
  if (/^(yes|true|on|1)$/i.test(word)) return true;
  return /^(no|false|off|0)$/i.test(word) ? false : undefined;
}

function keyed(match: RegExpExecArray | null, key: (id: string) => string): string | undefined {
  const id = match?.slice(1).find(Boolean);
  return id === undefined ? undefined : key(id);
}
