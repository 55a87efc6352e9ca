import type { ChannelContent, ChannelPurpose } from "../../contract/channel-messages.ts";
import type { ApprovalStatus, ApprovalView, Decision, JobView } from "../../contract/usecases.ts";
import type { Credits } from "../../request.ts";
import type { Card, CardButton } from "../card.ts";
import { clip, number, utcTime } from "../words.ts";
import { enAlerts } from "./alerts.ts";

const credits = (amount: Credits) => (amount === 1 ? "1 credit" : `${number(amount)} credits`);
const decides = (approvers: readonly string[]) =>
  approvers.length === 0 ? "the admins here" : `one of these: ${approvers.join(", ")}`;

const ends: Record<Decision, string> = {
  approved: "Approved",
  refused: "Not approved",
  expired: "Nobody answered in time",
  withdrawn: "Taken back",
};

const facts = ({ request, provider, held, memberName }: JobView) =>
  `${clip(memberName, 80) || "A member"} · at most ${credits(held)} · ${request.count}x ${request.quality} · ${provider}`;

const buttons = ({ job }: ApprovalView, number?: number): CardButton[] => {
  const which = number === undefined ? "" : ` ${number}`;
  return [
    { command: "approve", job: job.id, label: `Approve${which}`, style: "primary" },
    { command: "refuse", job: job.id, label: `Refuse${which}`, style: "danger" },
  ];
};

const words = ({ job }: ApprovalView, length: number) =>
  job.request.prompt === ""
    ? "The prompt is private: the result is for the member alone."
    : clip(job.request.prompt, length);

const purposes: Record<ChannelPurpose, string> = {
  approvals: "Orders that need approval will be asked about here.",
  alerts: "Alerts and the weekly digest will be posted here.",
};

/** Sentences about orders that somebody must approve, and messages in channels that admins named. */
export const enApprovals = {
  /** While the job waits, to its member. */
  awaiting: ({ id, approval }: JobView, lines: readonly string[]): Card => ({
    title: "Waiting for approval",
    tone: "waiting",
    paragraphs: [
      `This needs the approval of ${decides(approval?.approvers ?? [])}.`,
      ...(approval
        ? [`Without an answer by ${utcTime(approval.expiresAt)} it ends, and you get your credits back.`]
        : []),
      ...lines,
    ],
    buttons: [{ command: "cancel", job: id, label: "Cancel", style: "danger" }],
  }),
  failedTitle: "Not approved",
  notApproved: (by: string | undefined) =>
    `${by === undefined ? "Somebody who may decide" : clip(by, 80)} did not approve this.`,
  expired: "Nobody approved this within a day.",
  decided: ({ job, decision }: ApprovalView): Card => ({
    title: decision === "approved" ? "You approved it" : "You did not approve it",
    tone: decision === "approved" ? "good" : "plain",
    paragraphs: [
      decision === "approved"
        ? `${clip(job.memberName, 80)} gets it; it is in the queue now.`
        : `${clip(job.memberName, 80)} is told, and gets ${credits(job.held)} back.`,
    ],
  }),
  list: (open: readonly ApprovalView[]): Card => ({
    title: open.length === 0 ? "Nothing waits for approval" : "Waiting for approval",
    tone: "plain",
    paragraphs: open.map((view, index) => `${index + 1}. ${facts(view.job)}\n${words(view, 200)}`),
    buttons: open.flatMap((view, index) => buttons(view, index + 1)),
  }),
  rule: ({ rule, closed }: ApprovalStatus): Card =>
    rule
      ? {
          title: `Orders above ${credits(rule.above)} need approval`,
          tone: closed === undefined ? "plain" : "bad",
          paragraphs: [
            "What one member orders within an hour counts together.",
            ...(closed === undefined ? [] : [enApprovals.closedNote]),
          ],
          rows: [
            { label: "Asked in", value: rule.channel ?? "no channel: /approvals lists what waits" },
            { label: "Decided by", value: ["admins", ...rule.approvers].join(", ") },
            { label: "Admins approve their own orders", value: rule.own ? "yes" : "no" },
          ],
        }
      : { title: "Nothing needs approval here", tone: "plain", paragraphs: [] },
  closedNote:
    "The last question could not be posted there: name another channel, or let the bot write in this one. Until then, /approvals lists what waits.",
  /** A message in a channel that an admin named. */
  inChannel: (content: ChannelContent): Card => {
    switch (content.kind) {
      case "channel-check":
        return { title: "This channel is set up", tone: "good", paragraphs: [purposes[content.purpose]] };
      case "welcome":
        return enAlerts.welcome;
      case "approval":
        return question(content.approval);
      case "alert":
        return enAlerts.alert(content.alert);
      case "digest":
        return enAlerts.digest(content.digest);
    }
  },
};

function question(view: ApprovalView): Card {
  const { job, decision, by, above, expiresAt } = view;
  if (decision !== undefined) {
    const who = by === undefined ? "" : ` by ${clip(by, 80)}`;
    const tone = decision === "approved" ? "good" : "plain";
    return { title: `${ends[decision]}${who}`, tone, paragraphs: [facts(job)] };
  }
  return {
    title: `May this be made for at most ${credits(job.held)}?`,
    tone: "waiting",
    paragraphs: [
      words(view, 600),
      facts(job),
      `Above ${credits(above)} somebody must agree. Without an answer by ${utcTime(expiresAt)} it is not made.`,
    ],
    buttons: buttons(view),
  };
}
