import type { Change, Credits } from "../request.ts";
import { sizeText } from "../request.ts";
import type { CreditsView, JobView, Movement, QuoteView, ServiceOffer } from "../usecases/usecases.ts";
import type { Card, CardButton } from "./card.ts";
import { enFailures, enRefusals } from "./en-errors.ts";
import { clip, number, utcTime } from "./words.ts";

const credits = (amount: Credits) => (amount === 1 ? "1 credit" : `${number(amount)} credits`);
const images = (count: number) => (count === 1 ? "1 image" : `${count} images`);

const change = (c: Change): string =>
  c.code === "size-snapped"
    ? `Size ${c.from} is not offered there; the nearest, ${c.to}, will be used.`
    : `The option “${c.option}” is not offered there and will be left out.`;

const what = ({ request, provider }: JobView) =>
  `${images(request.count)} · ${sizeText(request.size)} · ${request.quality} · ${request.format} · ${provider}`;

const movementNames: Record<Movement["kind"], string> = {
  "top-up": "daily top-up",
  grant: "granted",
  hold: "reserved",
  spent: "spent",
};

const button = (job: string, command: string, label: string, style: CardButton["style"] = "plain"): CardButton => ({
  command,
  job,
  label,
  style,
});

export const en = {
  language: "English",
  fields: {
    prompt: { label: "Prompt", hint: "What to draw, in your own words" },
    change: { label: "What to change", hint: "What should be different, in your own words" },
    size: { label: "Size", hint: "auto, pixels such as 2048x1152, or a ratio such as 2K 16:9" },
    quality: { label: "Quality", hint: "Higher looks better, takes longer, and may cost more" },
    count: { label: "Count", hint: "How many images" },
    format: { label: "Format", hint: "png keeps everything, jpeg and webp are smaller" },
    images: { label: "Image", hint: "An image to start from or to combine (PNG, JPEG or WebP)" },
    mask: { label: "Mask", hint: "Transparent where the first image is to be redrawn" },
    private: { label: "Private", hint: "Show the result to you alone" },
    provider: { label: "Service", hint: "Which image service to use" },
    job: { label: "Job", hint: "The job that this is about" },
  },
  choices: {
    size: {
      auto: "auto: the model chooses",
      square1k: "1K square (1024x1024)",
      landscape1k: "1K landscape (1536x1024)",
      portrait1k: "1K portrait (1024x1536)",
      square2k: "2K square (2048x2048)",
      wide2k: "2K wide (2048x1152)",
      wide4k: "4K wide (3840x2160)",
      tall4k: "4K tall (2160x3840)",
    },
    quality: { auto: "auto", low: "low: a quick draft", medium: "medium", high: "high: the final image" },
    format: { png: "PNG", jpeg: "JPEG", webp: "WebP" },
  },
  commands: {
    imagine: "Make an image from words, or from images and words",
    edit: "Change an image",
    again: "Make it once more",
    vary: "Make a variation of an image",
    upscale: "Make an image once more, one size larger",
    cancel: "Take a waiting job out of the queue",
    credits: "Your credits, when they renew, and where they went",
  },
  buttons: {
    again: "Again",
    vary: "Vary",
    edit: "Edit",
    upscale: "Upscale",
    cancel: "Cancel",
    tryAgain: (total: Credits) => `Try again (at most ${credits(total)})`,
  },
  refusals: enRefusals,
  failures: enFailures,
  credits,
  change,

  /** One line in a list of services. */
  service: (offer: ServiceOffer): string =>
    offer.total === undefined ? `${offer.label}: cannot do this as asked` : `${offer.label}: ${credits(offer.total)}`,

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
      `${q.provider}, ${q.tier ?? "size decided by the model"}: ${credits(q.unit)} an image. ` +
        (q.after < 0
          ? `You have ${credits(q.available)}: ${credits(-q.after)} too few.`
          : `You have ${credits(q.available)}; ${credits(q.after)} would be left.`),
      ...q.changes.map(change),
    ],
  }),

  /** The private acknowledgement; it follows the job until its result is posted. */
  job: (view: JobView): Card => {
    const price = `Reserved: ${credits(view.held)}. You pay only for images that you get.`;
    const lines = [what(view), price, ...view.changes.map(change)];
    switch (view.state) {
      case "queued":
        return {
          title:
            view.position && view.position > 1
              ? `Waiting: number ${view.position} in the queue`
              : "Waiting: next in the queue",
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
        return {
          title: "No image this time",
          tone: "bad",
          paragraphs: [
            view.failure ? enFailures[view.failure.outcome](view.failure.refusedFor) : enFailures.bug(),
            "You were not charged.",
            ...(view.failure ? [`Reference: ${view.failure.reference}`] : []),
          ],
          buttons: [button(view.id, "again", en.buttons.tryAgain(view.held), "primary")],
        };
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
    altText: (view: JobView, limit: number): string => clip(`Generated image: ${view.request.prompt}`, limit),
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
