import type { Alert, AlertStatus, Digest } from "../../contract/alerts.ts";
import type { Credits } from "../../request.ts";
import type { Card } from "../card.ts";
import { clip, number, utcTime } from "../words.ts";

const credits = (amount: Credits) => (amount === 1 ? "1 credit" : `${number(amount)} credits`);
const images = (count: number) => (count === 1 ? "1 image" : `${number(count)} images`);
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const line = ({ images: count, charged }: { readonly images: number; readonly charged: Credits }) =>
  `${images(count)} · ${credits(charged)}`;

const ownKeys = {
  key: "The service does not accept it.",
  money: "The service says that there is no money left behind it.",
  unreadable: "It cannot be opened any more: give it again.",
};

/** Alerts and the weekly digest, for a channel that an admin or the operator named. */
export const enAlerts = {
  alert: (alert: Alert): Card => {
    switch (alert.code) {
      case "budget": {
        const what = alert.scope === "tenant" ? "the budget here for the month" : "everybody's budget for the day";
        const spent = alert.percent === 100 ? `All of ${what} is spent` : `80 % of ${what} is spent`;
        const renewal = `${credits(alert.limit)}, spent or reserved. It renews on ${utcTime(alert.renewsAt)}.`;
        return { title: spent, tone: "bad", paragraphs: [`The limit is ${renewal}`] };
      }
      case "service": {
        const why =
          alert.trouble === "account"
            ? "It does not accept the operator's key, or the account is empty."
            : "It fails, or asks for patience: its orders wait, or go to another service.";
        const title = `${alert.service} does not work at the moment`;
        return { title, tone: "bad", paragraphs: [why, `Since ${utcTime(alert.since)}.`] };
      }
      case "service-over":
        return {
          title: `${alert.service} had no more trouble for ten minutes`,
          tone: "good",
          paragraphs: [`It began at ${utcTime(alert.since)}.`],
        };
      case "own-key":
        return {
          title: `Your own key for ${alert.service} does not work`,
          tone: "bad",
          paragraphs: [ownKeys[alert.trouble], "No other account is used instead. /admin keys shows and mends it."],
        };
      case "unknown":
        return {
          title: `${alert.count === 1 ? "1 call" : `${number(alert.count)} calls`} of unknown outcome`,
          tone: "bad",
          paragraphs: [
            `Services may have charged ${credits(alert.estimate)}; members were not charged. Whoever pays the service settles them by /admin unknown.`,
          ],
        };
    }
  },
  digest: ({ since, until, jobs, images: count, charged, members, services }: Digest): Card => ({
    title: `The week from ${day(since)} to ${day(until - 1)}`,
    tone: "plain",
    paragraphs: [`${images(count)} in ${number(jobs)} ${jobs === 1 ? "job" : "jobs"}, for ${credits(charged)}.`],
    rows: [
      ...members.map((member) => ({ label: clip(member.name ?? "Others", 80), value: line(member) })),
      ...services.map((service) => ({ label: service.name, value: line(service) })),
    ],
    table: {
      columns: ["Member or service", "Images", "Credits"],
      rows: [...members, ...services].map((one) => [clip(one.name ?? "Others", 80), one.images, one.charged]),
    },
  }),
  /** For those who do not see the drawing. */
  plotAlt: ({ since, days }: Digest): string =>
    `Credits by day: ${days.map((spent, index) => `${day(since + index * 86_400_000)} ${number(spent)}`).join(", ")}`,
  welcome: {
    title: "Hello! I draw images",
    tone: "good",
    paragraphs: [
      "/imagine makes an image from your words. Reply to one of my images to change it, or press the buttons below it.",
      "/help lists everything, /credits shows what you may spend.",
      "Admins: /admin rules says where and by whom images may be made, /admin limit and /admin budget how much they may cost.",
    ],
  } satisfies Card as Card,
  status: ({ channel, closed }: AlertStatus): Card =>
    channel
      ? {
          title: "Alerts and the weekly digest are posted",
          tone: closed === undefined ? "plain" : "bad",
          paragraphs:
            closed === undefined
              ? []
              : ["The last message could not be posted there: name another channel, or let the bot write in this one."],
          rows: [{ label: "Channel", value: channel.channel }],
        }
      : { title: "No alerts are posted here", tone: "plain", paragraphs: [] },
};
