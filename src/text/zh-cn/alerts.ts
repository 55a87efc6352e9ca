import type { Credits } from "../../request.ts";
import type { enAlerts } from "../en/alerts.ts";
import { clip, number, utcTime } from "../words.ts";

const credits = (amount: Credits) => `${number(amount)} 点`;
const images = (count: number) => `${number(count)} 张图片`;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const line = ({ images: count, charged }: { readonly images: number; readonly charged: Credits }) =>
  `${images(count)} · ${credits(charged)}`;

const ownKeys = {
  key: "服务不接受它。",
  money: "服务表示其账户已无余额。",
  unreadable: "它已无法打开：请重新提供。",
};

export const zhAlerts: typeof enAlerts = {
  alert: (alert) => {
    switch (alert.code) {
      case "budget": {
        const what = alert.scope === "tenant" ? "这里本月的预算" : "所有人今天的预算";
        const title = alert.percent === 100 ? `${what}已用完` : `${what}已用去 80 %`;
        const limit = `限额为 ${credits(alert.limit)}，包括已预留的。将于 ${utcTime(alert.renewsAt)} 更新。`;
        return { title, tone: "bad", paragraphs: [limit] };
      }
      case "service": {
        const why =
          alert.trouble === "account"
            ? "它不接受运营者的密钥，或者账户已空。"
            : "它出现故障，或要求等待：其请求排队，或转到其他服务。";
        return {
          title: `${alert.service} 目前无法使用`,
          tone: "bad",
          paragraphs: [why, `自 ${utcTime(alert.since)} 起。`],
        };
      }
      case "service-over":
        return {
          title: `${alert.service} 已十分钟没有故障`,
          tone: "good",
          paragraphs: [`故障始于 ${utcTime(alert.since)}。`],
        };
      case "own-key":
        return {
          title: `你们自己的 ${alert.service} 密钥无法使用`,
          tone: "bad",
          paragraphs: [ownKeys[alert.trouble], "不会改用其他账户。/admin keys 可以查看和更换。"],
        };
      case "unknown":
        return {
          title: `${number(alert.count)} 次调用结果不明`,
          tone: "bad",
          paragraphs: [
            `服务可能收取了 ${credits(alert.estimate)}；没有向成员收费。由向服务付费的一方用 /admin unknown 处理。`,
          ],
        };
    }
  },
  digest: ({ since, until, jobs, images: count, charged, members, services }) => ({
    title: `${day(since)} 至 ${day(until - 1)} 的一周`,
    tone: "plain",
    paragraphs: [`${number(jobs)} 个任务，${images(count)}，共 ${credits(charged)}。`],
    rows: [
      ...members.map((member) => ({ label: clip(member.name ?? "其他人", 80), value: line(member) })),
      ...services.map((service) => ({ label: service.name, value: line(service) })),
    ],
    table: {
      columns: ["成员或服务", "图片", "点数"],
      rows: [...members, ...services].map((one) => [clip(one.name ?? "其他人", 80), one.images, one.charged]),
    },
  }),
  plotAlt: ({ since, days }) =>
    `每天的点数：${days.map((spent, index) => `${day(since + index * 86_400_000)} ${number(spent)}`).join("，")}`,
  welcome: {
    title: "您好！我来画图",
    tone: "good",
    paragraphs: [
      "/imagine 根据您的文字生成图片。回复我的图片即可修改，或按图片下方的按钮。",
      "/help 列出所有功能，/credits 显示您可以使用的点数。",
      "管理者：/admin rules 设定在哪里、由谁生成图片，/admin limit 和 /admin budget 设定可用多少点数。",
    ],
  },
  status: ({ channel, closed }) =>
    channel
      ? {
          title: "提醒和每周摘要会发布",
          tone: closed === undefined ? "plain" : "bad",
          paragraphs:
            closed === undefined ? [] : ["上一条消息无法发布到那里：请指定另一个频道，或允许机器人在该频道发言。"],
          rows: [{ label: "频道", value: channel.channel }],
        }
      : { title: "这里不发布提醒", tone: "plain", paragraphs: [] },
};
