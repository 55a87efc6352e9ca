import type { Defaults, ProviderStatus, UsageLine } from "../../contract/usecases.ts";
import type { Credits } from "../../request.ts";
import type { Card } from "../card.ts";
import type { enAdmin } from "../en/admin.ts";
import { clip, number, utcTime } from "../words.ts";
import { zhKeys } from "./keys.ts";

const done = (title: string, ...paragraphs: string[]): Card => ({ title, tone: "good", paragraphs });
const amount = (credits: Credits) => `${number(credits)} 点`;

const usageRow = (line: UsageLine) => ({
  label: clip(line.name, 80),
  value: `${number(line.images)} 张 · 成员支付 ${amount(line.charged)} · 服务花费 ${amount(line.spent)}`,
});

const serviceState = ({ label, state }: ProviderStatus) => `${label}${state === "working" ? "" : "（故障后休息中）"}`;

const balanceText = ({ amount: left, unit, low }: NonNullable<ProviderStatus["balance"]>) =>
  `${number(left)} ${unit}${low ? "（不足）" : ""}`;

const usageCells = ({ name, images, jobs, charged, spent }: UsageLine) => [
  clip(name, 80),
  images,
  jobs,
  charged,
  spent,
];

const modelEnd = ({ model, date, hasEnded }: NonNullable<ProviderStatus["ends"]>) =>
  hasEnded ? `模型 ${model} 已于 ${date} 停止服务，不再使用` : `模型 ${model} 将于 ${date} 停止服务`;

const defaultsText = (d: Defaults): string =>
  [
    d.size,
    d.quality,
    d.count === undefined ? "" : `x${d.count}`,
    d.format,
    d.background === undefined ? "" : `背景 ${d.background}`,
    d.compression === undefined ? "" : `压缩 ${d.compression}`,
    d.fidelity === undefined ? "" : `保真度 ${d.fidelity}`,
    d.drafts ? "草图" : "",
    d.provider,
  ]
    .filter(Boolean)
    .join("、");

export const zhAdmin: typeof enAdmin = {
  keys: zhKeys,
  granted: (member, given, available) =>
    done("已授予", `给 ${member} ${amount(given)}，现有 ${number(available)} 点。`),
  limited: (who, daily) =>
    done(
      "已设定限额",
      `${who ?? "每位成员"}每天在${who === undefined ? "这里" : "所有地方一共"}可用${daily === undefined ? "点数不限" : ` ${amount(daily)}`}。`,
    ),
  budget: ({ spent, limit }) =>
    done("预算", `本月已用 ${amount(spent)}${limit === undefined ? "，不限。" : `，上限 ${amount(limit)}。`}`),
  allowance: (role, daily) =>
    done("身份点数", `${role}：${daily === undefined ? "与所有人相同" : `每天 ${amount(daily)}`}。`),
  blocked: (member, blocked) =>
    done(blocked ? "已禁止" : "已解除禁止", `${member} ${blocked ? "不能再生成图片" : "可以重新生成图片"}。`),
  paused: (reason) =>
    reason === undefined
      ? done("暂停结束", "等待中的任务继续。")
      : done("已暂停", "不再接受新任务，也不再向服务发送。等待中的任务保留位置。"),
  usage: (report) => ({
    title: `最近 ${report.days} 天`,
    tone: "plain",
    paragraphs: [
      usageRow(report.total).value,
      ...report.byPayer
        .filter(({ name }) => name === "tenant")
        .map((line) => `其中使用服务器或工作区自己的密钥：${usageRow(line).value}。`),
      `本月此处：${amount(report.month.spent)}${report.month.limit === undefined ? "" : `，上限 ${amount(report.month.limit)}`}。`,
    ],
    rows: [...report.byProvider, ...report.byMember.slice(0, 10)].map(usageRow),
    table: {
      columns: ["服务或成员", "图片", "任务", "成员支付", "服务花费"],
      rows: [...report.byProvider, ...report.byMember.slice(0, 50), { ...report.total, name: "合计" }].map(usageCells),
    },
  }),
  rules: (rules) => {
    const all = (items: readonly string[]) => (items.length === 0 ? "全部" : items.join("、"));
    const none = (items: readonly string[]) => (items.length === 0 ? "无" : items.join("、"));
    return {
      title: "此处的规则",
      tone: "plain",
      paragraphs: [],
      rows: [
        { label: "频道", value: all(rules.channels) },
        { label: "身份", value: all(rules.roles) },
        { label: "屏蔽词", value: none(rules.blockedWords) },
        { label: "被禁止的成员", value: none(rules.blockedMembers) },
        { label: "默认设置", value: defaultsText(rules.defaults) || "通常的值" },
        { label: "每位成员每天", value: rules.memberDaily === undefined ? "不限" : amount(rules.memberDaily) },
        { label: "所有人每月", value: rules.monthly === undefined ? "不限" : amount(rules.monthly) },
        { label: "一次最多图片", value: rules.batchImages === undefined ? "12" : number(rules.batchImages) },
        { label: "剧透遮挡", value: rules.spoiler ? "是" : "否" },
        { label: "成人频道放宽审核", value: rules.mature ? "可以" : "否" },
      ],
    };
  },
  providers: (statuses) => ({
    title: "图像服务",
    tone: statuses.some(({ state, ends }) => state !== "working" || ends) ? "bad" : "plain",
    paragraphs: ["最近 24 小时。"],
    rows: statuses.map((s) => ({
      label: serviceState(s),
      value: [
        `运行 ${s.running}/${s.concurrency}`,
        `调用 ${number(s.calls)}，失败 ${number(s.failures)}，未知 ${number(s.unknown)}`,
        s.medianMs === undefined ? "" : `${Math.round(s.medianMs / 1000)} 秒`,
        s.ends ? modelEnd(s.ends) : "",
        s.balance ? `剩余 ${balanceText(s.balance)}` : "",
      ]
        .filter(Boolean)
        .join(" · "),
    })),
    table: {
      columns: ["服务", "运行", "调用", "失败", "未知", "通常用时", "剩余"],
      rows: statuses.map((s) => [
        `${serviceState(s)}${s.ends ? ` · ${modelEnd(s.ends)}` : ""}`,
        `${s.running}/${s.concurrency}`,
        ...[s.calls, s.failures, s.unknown],
        s.medianMs === undefined ? "" : `${Math.round(s.medianMs / 1000)} 秒`,
        s.balance ? balanceText(s.balance) : "",
      ]),
    },
  }),
  unknown: (outcomes) => {
    const [first] = outcomes;
    if (!first) return done("没有待处理的调用", "没有存疑的调用。");
    return {
      title: `${number(outcomes.length)} 个存疑的调用`,
      tone: "bad",
      paragraphs: [
        "服务可能已对这些调用收费；成员没有被收费。请查看服务自己的记录，然后处理最早的一个：",
        `${first.provider}，${utcTime(first.sentAt)}，${amount(first.estimate)}${first.reference ? `，${first.reference}` : ""}。`,
      ],
      rows: outcomes.slice(0, 10).map((outcome) => ({
        label: `${utcTime(outcome.sentAt)} · ${outcome.provider}`,
        value: `${amount(outcome.estimate)} · ${clip(outcome.message ?? "", 80)}`,
      })),
      buttons: [
        { command: "admin-settle-billed", job: first.job, label: "已收费", style: "plain" },
        { command: "admin-settle-not-billed", job: first.job, label: "未收费", style: "plain" },
      ],
    };
  },
};
