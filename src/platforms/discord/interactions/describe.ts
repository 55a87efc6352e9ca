import type {
  APILabelComponent,
  APIMessage,
  APIModalInteractionResponseCallbackData,
  APIModalSubmitInteraction,
} from "discord.js";
import { ComponentType, TextInputStyle } from "discord.js";
import type { DescribedJobs, DescriptionChange } from "../../../contract/usecases.ts";
import { type Text, textFor } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import { type PostedImage, postedImagesIn } from "../posted-images.ts";

/** Discord's limit for an alt text. */
const longest = 1024;
/** A form has five parts: one says which images are hidden. */
const mostLines = 4;

const [hiddenPart, whichPart, altPart] = ["hidden", "which", "alt"];

/** An image of the message, as the form shows it. */
interface FormImage extends PostedImage {
  /** In the form's parts: `job:index`. */
  readonly key: string;
  /** As the buttons of the message number it. */
  readonly number: number;
  readonly alt: string;
}

/** The jobs whose images a message shows. */
export function jobsShownIn(message: Pick<APIMessage, "components">): readonly string[] {
  return [...new Set(postedImagesIn(message).map(({ of }) => of.job))];
}

interface Form {
  readonly message: Pick<APIMessage, "components">;
  readonly described: DescribedJobs;
}

/** The form about all images of a message: a line for each, or one line and the choice of its image; and the spoilers. */
export function renderDescribeForm(
  form: Form & { readonly customId: string },
  text: Text,
): APIModalInteractionResponseCallbackData {
  const images = imagesIn(form);
  const lines = images.length <= mostLines ? images.map((image) => line(image, images, text)) : oneOf(images, text);
  return {
    custom_id: form.customId,
    title: clip(text.commands.describe, 45),
    components: [...lines, ...(form.described.hidesAll ? [] : [spoilers(images, text)])],
  };
}

/** Reads the changes that were made in such a form; what was left as it stood is none. */
export function readDescribeForm(form: Form, { data }: APIModalSubmitInteraction): DescriptionChange[] {
  const parts = new Map(data.components.flatMap((label) => ("component" in label ? [partOf(label.component)] : [])));
  const which = parts.get(whichPart)?.[0];
  const hidden = parts.get(hiddenPart);
  return imagesIn(form).flatMap(({ of, key, alt, spoiler }) => {
    const written = which === key ? parts.get(altPart)?.[0] || undefined : parts.get(`${altPart}:${key}`)?.[0];
    const isHidden = hidden && (hidden.includes(true) || hidden.includes(key));
    const change = {
      ...(written === undefined || written === alt ? {} : { alt: String(written) }),
      ...(isHidden === undefined || isHidden === spoiler ? {} : { spoiler: isHidden }),
    };
    return Object.keys(change).length > 0 ? [{ of, ...change }] : [];
  });
}

function imagesIn({ message, described }: Form): FormImage[] {
  return postedImagesIn(message).flatMap((posted) => {
    const job = described.jobs.find(({ id }) => id === posted.of.job);
    const image = job?.images[posted.of.index];
    if (!job || !image) return [];
    const alt = textFor(job.locale).result.altText(job, longest, image);
    const spoiler = image.spoiler ?? posted.spoiler;
    const number = (job.batch?.index ?? 0) * job.request.count + posted.of.index + 1;
    return [{ ...posted, key: `${job.id}:${posted.of.index}`, number, alt, spoiler }];
  });
}

function line({ key, number, alt }: FormImage, { length }: readonly FormImage[], text: Text): APILabelComponent {
  const { describeImage, describeHint } = text.discord;
  return {
    type: ComponentType.Label,
    label: clip(length === 1 ? text.fields.altText.label : describeImage(number), 45),
    description: describeHint,
    component: { ...input, custom_id: `${altPart}:${key}`, value: alt },
  };
}

const input = {
  type: ComponentType.TextInput,
  style: TextInputStyle.Paragraph,
  required: false,
  max_length: longest,
} as const;

/** Many images are described one at a time. */
function oneOf(images: readonly FormImage[], { discord, fields }: Text): APILabelComponent[] {
  const options = images.map(({ key, number, alt }) => ({
    label: discord.imageNumber(number),
    value: key,
    description: clip(alt, 100),
    ...(key === images[0]?.key ? { default: true } : {}),
  }));
  return [
    {
      type: ComponentType.Label,
      label: discord.describeWhich,
      description: discord.describeWhichHint,
      component: { type: ComponentType.StringSelect, custom_id: whichPart, required: true, options },
    },
    {
      type: ComponentType.Label,
      label: fields.altText.label,
      description: discord.describeOneHint,
      component: { ...input, custom_id: altPart },
    },
  ];
}

function spoilers(images: readonly FormImage[], { discord, fields }: Text): APILabelComponent {
  const [first] = images;
  if (images.length === 1) {
    const { label, hint: description } = fields.hidden;
    const component = {
      type: ComponentType.Checkbox,
      custom_id: hiddenPart,
      default: first?.spoiler === true,
    } as const;
    return { type: ComponentType.Label, label, description, component };
  }
  const options = images.map(({ key, number, spoiler }) => ({
    label: discord.imageNumber(number),
    value: key,
    ...(spoiler ? { default: true } : {}),
  }));
  return {
    type: ComponentType.Label,
    label: discord.describeHidden,
    description: discord.describeHiddenHint,
    component: {
      ...{ type: ComponentType.CheckboxGroup, custom_id: hiddenPart, required: false, min_values: 0 },
      ...{ max_values: options.length, options },
    },
  };
}

/** A part of the form and what stands in it; a line that was emptied says so. */
function partOf(part: object): [string, readonly (string | boolean)[]] {
  const { custom_id, value, values } = part as {
    custom_id: string;
    value?: string | boolean | null;
    values?: readonly string[];
  };
  return [custom_id, values ?? (value === undefined || value === null ? [] : [value])];
}
