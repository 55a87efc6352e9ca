import type {
  Confirmation,
  CreditsView,
  JobView,
  Movement,
  Offer,
  QuoteView,
  ServiceOffer,
  WordsTaken,
} from "../../contract/usecases.ts";
import type { ShownImage } from "../../image.ts";
import type { Credits, Request } from "../../request.ts";
import { sizeText } from "../../request.ts";
import type { Card, CardButton } from "../card.ts";
import { clip, clipInside, number, utcTime } from "../words.ts";
import { enAdmin } from "./admin.ts";
import { enAlerts } from "./alerts.ts";
import { enApprovals } from "./approvals.ts";
import { enBatches } from "./batches.ts";
import { enCards } from "./cards.ts";
import { enChange as change } from "./changes.ts";
import { enDiscord } from "./discord.ts";
import { enFailures, enRefusals } from "./errors.ts";
import { enReferences } from "./references.ts";
import { enSlack } from "./slack.ts";
import { enStyles } from "./styles.ts";
import { enChoices, enCommands, enFields, enGroups } from "./vocabulary.ts";
import { waitingLine, waitingTitle } from "./waiting.ts";

const credits = (amount: Credits) => (amount === 1 ? "1 credit" : `${number(amount)} credits`);
const images = (count: number) => (count === 1 ? "1 image" : `${count} images`);

const lookOf = ({ format, background }: Request) =>
  background === "auto" ? format : `${format} · ${enChoices.background[background]}`;

const what = ({ request, provider }: Pick<JobView, "request" | "provider">) =>
  `${images(request.count)} · ${sizeText(request.size)} · ${request.quality} · ${lookOf(request)} · ${provider}` +
  (request.style === undefined ? "" : ` · ${enStyles.fact(request.style)}`);

const movementNames: Record<Movement["kind"], string> = {
  "top-up": "daily top-up",
  grant: "granted",
  reversal: "taken back",
  hold: "reserved",
  spent: "spent",
};

/** When it will start and end, as far as anything was measured. */
const times = ({ expected, state }: JobView, now: number | undefined): string[] => {
  if (!expected || now === undefined) return [];
  const until = (at: number) => enCards.about((at - now) / 1000);
  if (expected.endAt <= now) return ["It takes longer than usual."];
  if (state === "running") return [`Done in ${until(expected.endAt)}.`];
  if (state !== "queued" || expected.startAt === undefined) return [];
  return [`Starts in ${until(expected.startAt)}, done in ${until(expected.endAt)}.`];
};

const button = (job: string, command: string, label: string, style: CardButton["style"] = "plain"): CardButton => ({
  command,
  job,
  label,
  style,
});

export const en = {
  language: "English",
  fields: enFields,
  choices: enChoices,
  commands: enCommands,
  groups: enGroups,
  buttons: {
    delete: "Delete",
    show: "Show",
    again: "Again",
    vary: "Vary",
    edit: "Edit",
    upscale: "Upscale",
    final: "Final",
    paint: "Paint",
    saveStyle: "Save as style",
    saveImage: "Save image as…",
    describe: "Describe",
    cancel: "Cancel",
    tryAgain: (total: Credits) => `Try again (at most ${credits(total)})`,
  },
  cards: enCards,
  styles: enStyles,
  references: enReferences,
  approvals: enApprovals,
  alerts: enAlerts,
  batches: enBatches,
  admin: enAdmin,
  discord: enDiscord,
  slack: enSlack,
  refusals: enRefusals,
  failures: enFailures,
  credits,
  change,

  /** One line in a list of services. */
  service: (offer: ServiceOffer): string =>
    offer.total === undefined ? `${offer.label}: cannot do this as asked` : `${offer.label}: ${credits(offer.total)}`,

  /** Plain pages of the HTTP server, for whom a wrong or an old address led there. */
  server: {
    nothingHere: "There is nothing here.",
    notUnderstood: "This request cannot be understood.",
    failed: "Something went wrong.",
  },

  /** Something broke that should not have; the reference finds it in the operator's log. */
  bug: (reference: string): Card => ({
    title: "Something went wrong",
    tone: "bad",
    paragraphs: [
      "This is a fault in the bot, not in what you did. Nothing was charged for it.",
      `If it happens again, tell the operator this reference: ${reference}`,
    ],
  }),

  refusal: (sentence: string): Card => ({ title: "Not possible", tone: "bad", paragraphs: [sentence] }),

  quote: (q: QuoteView): Card => ({
    title: `${credits(q.total)} at most`,
    tone: q.after < 0 ? "bad" : "plain",
    paragraphs: [
      `${q.batch ? enBatches.quoted(q) : `${q.provider}, ${q.tier ?? "size decided by the model"}: ${credits(q.unit)} an image.`} ` +
        (q.after < 0
          ? `You have ${credits(q.available)}: ${credits(-q.after)} too few.`
          : `You have ${credits(q.available)}; ${credits(q.after)} would be left.`),
      ...q.changes.map(change),
    ],
  }),

  /** Asked before more is spent than its member spends without being asked, and where options were taken out of a sentence. */
  confirmation: ({ id, request, quote, words, batch }: Confirmation): Card =>
    batch
      ? enBatches.confirmation({ id, request, quote, words, batch }, quote.changes.map(change))
      : words
        ? wordsCard({ id, request, quote }, words)
        : {
            title: `This costs at most ${credits(quote.total)}`,
            tone: "plain",
            paragraphs: [
              clip(request.prompt, 300),
              what({ request, provider: quote.provider }),
              `You have ${number(quote.available)}; ${number(quote.after)} would be left.`,
              ...quote.changes.map(change),
            ],
            buttons: [
              button(id, "accept", `Yes, for at most ${credits(quote.total)}`, "primary"),
              button(id, "decline", "No"),
            ],
          },

  /** The private acknowledgement; it follows the job until its result is posted. With `now`, it says how long that will take. */
  job: (view: JobView, now?: number): Card => {
    const price = `Reserved: ${credits(view.held)}. You pay only for images that you get.`;
    const delay = view.state === "queued" && view.waiting ? [waitingLine(view)] : times(view, now);
    const lines = [what(view), price, ...delay, ...view.changes.map(change)];
    if (view.state === "awaiting") return enApprovals.awaiting(view, lines);
    switch (view.state) {
      case "queued":
        return {
          title: waitingTitle(view),
          tone: "waiting",
          paragraphs: lines,
          buttons: [button(view.id, "cancel", "Cancel", "danger")],
        };
      case "running":
        return { title: "Drawing…", tone: "waiting", paragraphs: lines };
      case "delivering":
        return { title: "Done; posting…", tone: "waiting", paragraphs: lines };
      case "delivered":
        return {
          title: "Done",
          tone: "good",
          paragraphs: [what(view), `Charged: ${credits(view.charged ?? 0)}.`, ...view.changes.map(change)],
        };
      case "cancelled":
        return { title: "Cancelled", tone: "plain", paragraphs: [`${credits(view.held)} were given back.`] };
      case "undeliverable":
        return {
          title: "Nowhere to post",
          tone: "bad",
          paragraphs: [
            "The images were made, but could not be posted anywhere. You were not charged; they are kept in your history.",
          ],
        };
      case "failed":
        return failedCard(view);
    }
  },

  result: {
    /** Under the images: what they are and what they cost. */
    facts: (view: JobView): string =>
      [
        what(view),
        credits(view.charged ?? view.held),
        view.finishedAt && view.startedAt
          ? `${Math.max(1, Math.round((view.finishedAt - view.startedAt) / 1000))} s`
          : "",
      ]
        .filter(Boolean)
        .join(" · "),
    /** For screen readers, at most `limit` characters. */
    altText: (view: JobView, limit: number, image?: ShownImage): string =>
      clip(image?.description ?? `Generated image: ${view.request.prompt}`, limit),
    /** Beside a still image of an animation. */
    firstFrameOnly: "Animation: only its first frame is shown here.",
    fewer: (got: number, asked: number) => `The service made ${got} of ${asked} images; only those were charged.`,
  },

  creditsCard: (view: CreditsView): Card => ({
    title: `${credits(view.available)} available`,
    tone: "plain",
    paragraphs: [
      `Topped up to ${credits(view.renewsTo)} on ${utcTime(view.renewsAt)}.`,
      ...(view.held > 0 ? [`${credits(view.held)} reserved for jobs that are not finished.`] : []),
    ],
    rows: view.movements.map((m) => ({
      label: `${utcTime(m.at)} · ${movementNames[m.kind]}`,
      value: m.amount > 0 ? `+${number(m.amount)}` : number(m.amount),
    })),
  }),
};

/** No images; whoever could not get an approval may ask for one anew by the command only. */
function failedCard({ id, held, failure }: JobView): Card {
  const refused = failure?.outcome === "not-approved";
  return {
    title: refused ? enApprovals.failedTitle : "No image this time",
    tone: "bad",
    paragraphs: [
      failure ? enFailures[failure.outcome](failure.refusedFor, failure.format, failure.by) : enFailures.bug(),
      "You were not charged.",
      ...(failure && !refused ? [`Reference: ${failure.reference}`] : []),
    ],
    buttons: refused ? [] : [button(id, "again", en.buttons.tryAgain(held), "primary")],
  };
}

/** The options that were taken out of a sentence, the prompt that remains, and what is drawn for which price either way. */
function wordsCard({ id, request, quote }: Confirmation, { taken, asWritten }: WordsTaken): Card {
  return {
    title: `I read ${takenList(taken)} out of your words`,
    tone: "plain",
    paragraphs: [
      `The prompt that remains: ${clipInside(request.prompt, 600)}`,
      offerLine("Draw it", { request, quote }),
      asWritten ? offerLine("Leave my words", asWritten) : "No service can draw it with your words left as they are.",
    ],
    buttons: [
      button(id, "accept", `Draw it: at most ${credits(quote.total)}`, "primary"),
      ...(asWritten ? [button(id, "as-written", `Leave my words: at most ${credits(asWritten.quote.total)}`)] : []),
      button(id, "decline", "Cancel"),
    ],
  };
}

function offerLine(label: string, { request, quote }: Offer): string {
  const rest = quote.after < 0 ? `${number(-quote.after)} too few` : `${number(quote.after)} would be left`;
  const line = `${label}: at most ${credits(quote.total)} of your ${number(quote.available)}, ${rest}. `;
  return [`${line}${what({ request, provider: quote.provider })}.`, ...quote.changes.map(change)].join(" ");
}

function takenList({
  size,
  quality,
  count,
  format,
  background,
  compression,
  fidelity,
  style,
}: WordsTaken["taken"]): string {
  const named = Object.entries({ size, quality, background, compression, fidelity, style });
  const names = [...named.map(([name, value]) => value && `${name} ${value}`), count && images(count), format];
  const list = names.filter((name) => name !== undefined);
  return list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
}
