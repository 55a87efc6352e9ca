import type { types } from "@slack/bolt";
import type { AnyCommand } from "../../../command/command.ts";
import type { Field } from "../../../command/fields.ts";
import type { JobImage, ServiceOffer } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { plain } from "../messages/blocks.ts";
import { answerAction, inputsFor } from "./inputs.ts";

/** A form remembers this from being opened to being sent; as `private_metadata`, at most 3,000 characters. */
export interface FormMemory {
  readonly command: string;
  /** The workspace by whose token the form was opened. */
  readonly team?: string | undefined;
  readonly job?: JobImage | undefined;
  /** Key of the message whose images are to be edited, when they are ours. */
  readonly message?: string | undefined;
  /** A member's files that are to be edited: Slack's ids, and addresses of images that stand in messages. */
  readonly files?: readonly (string | { readonly name: string; readonly url: string })[] | undefined;
  /** Names of files beside them that are no images. */
  readonly leftOut?: readonly string[] | undefined;
  /** Names of images that cannot be opened. */
  readonly closed?: readonly string[] | undefined;
  /** Where the result goes; without it the form asks. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
}

export const formCallback = "form";
/** No field can be called so. */
export const whereBlock = ".where";
const priceBlockId = ".price";
const leftOutBlockId = ".left-out";

/** The services, and the names of the styles and saved images, that a member chooses from in a form. */
export interface FormChoices {
  readonly services?: readonly ServiceOffer[];
  readonly styles?: readonly string[] | undefined;
  readonly references?: readonly string[] | undefined;
}

/** The form of a command: one input for each field that can be filled in, the place when it is not known yet, the price. */
export function renderModal(
  command: AnyCommand,
  memory: FormMemory,
  locale: string,
  { services = [], styles, references }: FormChoices = {},
  price?: string,
): types.ModalView {
  const text = textFor(locale);
  const priced = isPriced(command);
  const telling = (name: string, field: Field) => priced && tellsPrice(name, field);
  return {
    type: "modal",
    callback_id: formCallback,
    private_metadata: JSON.stringify(memory),
    title: plain(titleOf(command, memory, locale), 24),
    submit: plain(text.slack.submit, 24),
    close: plain(text.buttons.cancel, 24),
    blocks: [
      ...leftOutNotes(memory, locale),
      ...inputsFor(command.fields, { text, services, styles, references, telling }),
      ...(priced && memory.channel === undefined ? [whereInput(locale)] : []),
      ...(priced ? [priceBlock(price, locale)] : []),
    ],
  };
}

/** Does filling it in start a job? */
export function isPriced({ startsJob }: AnyCommand): boolean {
  return startsJob === "from-words" || startsJob === "from-images";
}

/** The words of a prompt do not change the price; files tell nothing before they are sent. */
function tellsPrice(name: string, { kind }: Field): boolean {
  return (kind === "choice" && name !== "moderation") || kind === "integer" || kind === "service" || kind === "style";
}

function titleOf({ name, savesImage }: AnyCommand, { message, files }: FormMemory, locale: string): string {
  if (savesImage) return textFor(locale).buttons.saveImage;
  if (message !== undefined || files !== undefined) return textFor(locale).slack.editTitle;
  return (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", " ");
}

function leftOutNotes({ leftOut = [], closed = [] }: FormMemory, locale: string): types.KnownBlock[] {
  const { notAnImage, notToBeOpened } = textFor(locale).slack;
  const notes = [
    ...(leftOut.length > 0 ? [notAnImage(leftOut.join(", "))] : []),
    ...(closed.length > 0 ? [notToBeOpened(closed.join(", "))] : []),
  ];
  if (notes.length === 0) return [];
  return [{ type: "section", block_id: leftOutBlockId, text: plain(notes.join("\n"), 3000) }];
}

function priceBlock(price: string | undefined, locale: string): types.KnownBlock {
  return { type: "section", block_id: priceBlockId, text: plain(price ?? textFor(locale).slack.price, 3000) };
}

function whereInput(locale: string): types.InputBlock {
  const words = textFor(locale).slack;
  return {
    type: "input",
    block_id: whereBlock,
    label: plain(words.where, 150),
    hint: plain(words.whereHint, 150),
    optional: true,
    element: {
      type: "conversations_select",
      action_id: answerAction,
      default_to_current_conversation: true,
      response_url_enabled: true,
    },
  };
}
