import { type Language, languageOf } from "../../text/text.ts";

/** The sentences that only Slack needs. */
export interface SlackWords {
  readonly submit: string;
  readonly where: string;
  readonly whereHint: string;
  /** `channel` is Slack's own markup for a channel. */
  readonly notThere: (channel: string) => string;
  readonly formExpired: string;
  readonly waiting: string;
}

const en: SlackWords = {
  submit: "Go",
  where: "Post to",
  whereHint: "Leave it empty to get the result in a direct message",
  notThere: (channel) =>
    `I cannot post in ${channel}, so this comes to you alone. To have it there, type /invite in that channel and pick me.`,
  formExpired: "Slack took too long to open the form. Nothing was started: please try again.",
  waiting: "Waiting…",
};

const zhCN: SlackWords = {
  submit: "提交",
  where: "发布到",
  whereHint: "留空则以私信发送结果",
  notThere: (channel) => `我无法在 ${channel} 中发言，所以只发给您。如需发到那里，请在该频道输入 /invite 并选择我。`,
  formExpired: "Slack 打开表单超时。没有开始任何任务：请再试一次。",
  waiting: "等待中……",
};

const words: Readonly<Record<Language, SlackWords>> = { en, "zh-CN": zhCN };

/** In the nearest language to a BCP 47 locale. */
export function wordsFor(locale: string): SlackWords {
  return words[languageOf(locale)];
}
