import type { Credits } from "../../request.ts";
import type { Card } from "../card.ts";
import { number } from "../words.ts";

const credits = (amount: Credits) => (amount === 1 ? "1 credit" : `${number(amount)} credits`);

/** Jobs that met a press of Stop, and the credits that are reserved for them. */
export interface StoppedJobs {
  readonly jobs: number;
  readonly credits: Credits;
}

/** The outcome of a press of Stop: taken back; sent to a service, which cannot be stopped; made already. */
export interface Stopped {
  readonly cancelled: StoppedJobs;
  readonly sent: StoppedJobs;
  readonly made: StoppedJobs;
}

/** The sentences of a conversation with the app where Slack knows it as an agent. */
export const enSlackAgent = {
  description:
    "Draws images from your words, and changes images that you attach or that it made. Each message in a thread changes the last image there. The price is told before more is spent than you agreed to.",
  promptsTitle: "Begin with",
  prompts: [
    { title: "A poster", message: "a poster for a summer concert by the lake, flat shapes, warm colours, 2:3" },
    { title: "A photo of a product", message: "a ceramic cup on a wooden table, soft morning light, photo, 16:9" },
    { title: "An icon", message: "a friendly robot as an app icon, simple shapes, one colour behind it" },
    { title: "How does it work?", message: "help" },
  ],
  beingDrawn: "The image is still being drawn. Write again when it is there, or press Stop or Cancel.",
  stopped: ({ cancelled, sent, made }: Stopped): Card => ({
    title: sent.jobs + made.jobs === 0 ? "Stopped" : cancelled.jobs === 0 ? "Too late to stop" : "Stopped in part",
    tone: sent.jobs + made.jobs === 0 ? "good" : "bad",
    paragraphs: [
      ...(cancelled.jobs > 0
        ? [`Nothing of it was sent to a service: you pay nothing, and ${credits(cancelled.credits)} are free again.`]
        : []),
      ...(sent.jobs > 0
        ? [`What was sent to a service cannot be stopped: it still comes, and costs at most ${credits(sent.credits)}.`]
        : []),
      ...(made.jobs > 0
        ? [`What was made already is posted in a moment, and costs at most ${credits(made.credits)}.`]
        : []),
    ],
  }),
};
