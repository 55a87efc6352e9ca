import type { RefusalFacts } from "../../errors.ts";
import type { Credits } from "../../request.ts";
import type { Card } from "../card.ts";
import { clip, number, utcTime } from "../words.ts";

type StepRefusals = { readonly [Code in StepRefusal]: (facts: RefusalFacts[Code]) => string };
type StepRefusal = Extract<keyof RefusalFacts, `step-${string}` | `steps-${string}`>;

/** Why a step of a workflow makes no image. */
export const enStepRefusals: StepRefusals = {
  "steps-budget-unset": () =>
    "Nobody started this workflow, so nobody pays for the image. An admin can set credits aside for that with /imagine-admin workflows.",
  "steps-budget-spent": ({ limit, left, renewsAt }) =>
    `Workflows that nobody started may spend ${number(limit)} credits a month here, and ${number(left)} are left. They renew on ${utcTime(renewsAt)}.`,
  "step-too-dear": ({ total, limit }) =>
    `This would cost up to ${number(total)} credits. Whoever started the workflow spends at most ${number(limit)} without being asked; /imagine-settings changes that.`,
  "step-needs-channel": () =>
    "Nobody started this workflow, so there is nobody to send the image to: name a channel in the step.",
  "step-file-closed": ({ file }) =>
    `The file ${clip(file, 80)} cannot be used here: it must be in a public channel, or sent by whoever started the workflow.`,
  "step-reference-unknown": ({ words }) =>
    `“${clip(words, 80)}” is nothing to start from. Write the @name of a saved image, or a link to an image in Slack.`,
};

/** Sentences about steps of workflows. */
export const enSteps = {
  /** In the place of a member's name, where nobody asked. */
  nobody: "Workflow",
  /** The step as Workflow Builder offers it; a manifest has one language. */
  stepForm: {
    title: "Create image",
    description: "Draws an image and gives its file to the steps behind it",
    fields: {
      prompt: { title: "Prompt", description: "What to draw, in your own words" },
      style: { title: "Style", description: "The name of a saved style" },
      size: { title: "Size", description: "How large the image is" },
      quality: { title: "Quality", description: "Higher looks better, takes longer and may cost more" },
      references: { title: "Start from", description: "Names of saved images as @name, or links to images in Slack" },
      channel: {
        title: "Channel",
        description: "Where the image is posted; without it, whoever started the workflow gets it",
      },
      starter: { title: "Started by", description: "Whoever started the workflow, who pays for the image" },
      file: { title: "File", description: "The file of the image" },
      permalink: { title: "Link", description: "Leads to the message with the image" },
      price: { title: "Price", description: "How many credits were charged" },
      job: { title: "Job", description: "The id of the job, to be quoted when something is wrong" },
    },
  },
  cancelled: "The image was cancelled.",
  undeliverable: "The image is there, but could not be posted.",
  erased: "The image was deleted before the step ended.",
  bug: (reference: string) => `Something went wrong here. Nothing was charged. Reference: ${clip(reference, 80)}`,
  /** The budget for steps that nobody started; undefined: none. */
  budget: (monthly: Credits | undefined): Card => ({
    title: "Workflows",
    tone: "good",
    paragraphs: [
      monthly
        ? `Workflows that nobody started may spend ${number(monthly)} credits a month here.`
        : "Workflows that nobody started make no images here: no credits are set aside for them.",
      "Whoever starts a workflow pays for its images.",
    ],
  }),
};
