import type { ChannelPurpose } from "../../contract/channel-messages.ts";
import type { ApprovalView, Decision, JobView } from "../../contract/usecases.ts";
import type { Credits } from "../../request.ts";
import type { Card, CardButton } from "../card.ts";
import type { enApprovals } from "../en/approvals.ts";
import { clip, number, utcTime } from "../words.ts";
import { zhAlerts } from "./alerts.ts";

const credits = (amount: Credits) => `${number(amount)} 点`;
const decides = (approvers: readonly string[]) =>
  approvers.length === 0 ? "这里的管理者" : `以下之一：${approvers.join("、")}`;

const ends: Record<Decision, string> = {
  approved: "已批准",
  refused: "未批准",
  expired: "没有人及时答复",
  withdrawn: "已收回",
};

const facts = ({ request, provider, held, memberName }: JobView) =>
  `${clip(memberName, 80) || "某位成员"} · 最多 ${credits(held)} · ${request.count}x ${request.quality} · ${provider}`;

const buttons = ({ job }: ApprovalView, number?: number): CardButton[] => {
  const which = number === undefined ? "" : ` ${number}`;
  return [
    { command: "approve", job: job.id, label: `批准${which}`, style: "primary" },
    { command: "refuse", job: job.id, label: `拒绝${which}`, style: "danger" },
  ];
};

const words = ({ job }: ApprovalView, length: number) =>
  job.request.prompt === "" ? "提示词是私密的：结果只给该成员一个人看。" : clip(job.request.prompt, length);

const purposes: Record<ChannelPurpose, string> = {
  approvals: "需要批准的请求会在这里询问。",
  alerts: "提醒和每周摘要会发布在这里。",
};

export const zhApprovals: typeof enApprovals = {
  awaiting: ({ id, approval }, lines) => ({
    title: "等待批准",
    tone: "waiting",
    paragraphs: [
      `这需要${decides(approval?.approvers ?? [])}批准。`,
      ...(approval ? [`到 ${utcTime(approval.expiresAt)} 仍无答复则结束，点数会退回给您。`] : []),
      ...lines,
    ],
    buttons: [{ command: "cancel", job: id, label: "取消", style: "danger" }],
  }),
  failedTitle: "未获批准",
  notApproved: (by) => `${by === undefined ? "有权决定的人" : clip(by, 80)}没有批准此请求。`,
  expired: "一天之内没有人批准此请求。",
  decided: ({ job, decision }) => ({
    title: decision === "approved" ? "您已批准" : "您没有批准",
    tone: decision === "approved" ? "good" : "plain",
    paragraphs: [
      decision === "approved"
        ? `${clip(job.memberName, 80)} 的请求已进入队列。`
        : `已告知 ${clip(job.memberName, 80)}，并退回 ${credits(job.held)}。`,
    ],
  }),
  list: (open) => ({
    title: open.length === 0 ? "没有等待批准的请求" : "等待批准",
    tone: "plain",
    paragraphs: open.map((view, index) => `${index + 1}. ${facts(view.job)}\n${words(view, 200)}`),
    buttons: open.flatMap((view, index) => buttons(view, index + 1)),
  }),
  rule: ({ rule, closed }) =>
    rule
      ? {
          title: `超过 ${credits(rule.above)} 的请求需要批准`,
          tone: closed === undefined ? "plain" : "bad",
          paragraphs: ["同一成员一小时内的请求合并计算。", ...(closed === undefined ? [] : [zhApprovals.closedNote])],
          rows: [
            { label: "询问频道", value: rule.channel ?? "没有频道：/approvals 会列出等待批准的请求" },
            { label: "由谁决定", value: ["管理者", ...rule.approvers].join(", ") },
            { label: "管理者可批准自己的请求", value: rule.own ? "是" : "否" },
          ],
        }
      : { title: "这里没有请求需要批准", tone: "plain", paragraphs: [] },
  closedNote:
    "上一个问题无法发布到那里：请指定另一个频道，或允许机器人在该频道发言。在此之前，/approvals 会列出等待批准的请求。",
  inChannel: (content) => {
    switch (content.kind) {
      case "channel-check":
        return { title: "此频道已设置好", tone: "good", paragraphs: [purposes[content.purpose]] };
      case "welcome":
        return zhAlerts.welcome;
      case "approval":
        return question(content.approval);
      case "alert":
        return zhAlerts.alert(content.alert);
      case "digest":
        return zhAlerts.digest(content.digest);
    }
  },
};

function question(view: ApprovalView): Card {
  const { job, decision, by, above, expiresAt } = view;
  if (decision !== undefined) {
    const who = by === undefined ? "" : `：${clip(by, 80)}`;
    const tone = decision === "approved" ? "good" : "plain";
    return { title: `${ends[decision]}${who}`, tone, paragraphs: [facts(job)] };
  }
  return {
    title: `是否以最多 ${credits(job.held)} 生成？`,
    tone: "waiting",
    paragraphs: [
      words(view, 600),
      facts(job),
      `超过 ${credits(above)} 需要有人同意。到 ${utcTime(expiresAt)} 仍无答复则不会生成。`,
    ],
    buttons: buttons(view),
  };
}
