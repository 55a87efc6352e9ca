import type { JobImage } from "../contract/usecases.ts";
import type { IncomingImage } from "../image.ts";
import type { Text } from "../text/text.ts";

/** An option that not every service has: a field, or a choice of one, is offered where some service in use has it. */
export type Ability = "background" | "transparent" | "compression" | "fidelity";

interface Common {
  /** Offered everywhere where this is absent. */
  readonly needs?: Ability;
  readonly label: (text: Text) => string;
  /** One sentence of help. */
  readonly hint: (text: Text) => string;
  readonly required: boolean;
}

export interface TextField extends Common {
  readonly kind: "text";
  readonly maxLength: number;
  readonly multiline: boolean;
  /** Nobody is to read it over a shoulder, and nothing to keep it. */
  readonly secret?: true;
}

/** No bounds here are enforced by platforms alone: use cases check again. */
export interface IntegerField extends Common {
  readonly kind: "integer";
  readonly min: number;
  readonly max: number;
}

export interface YesNoField extends Common {
  readonly kind: "yes-no";
}

export interface MemberField extends Common {
  readonly kind: "member";
}

/** A role of the tenant (Slack: a user group). */
export interface RoleField extends Common {
  readonly kind: "role";
}

export interface ChannelField extends Common {
  readonly kind: "channel";
  /** The bot is to write there: a platform that knows it cannot refuses at once. */
  readonly posts?: true;
}

export interface ImageField extends Common {
  readonly kind: "image";
}

export interface ImagesField extends Common {
  readonly kind: "images";
  readonly max: number;
}

interface FieldChoice {
  readonly value: string;
  readonly label: (text: Text) => string;
  readonly needs?: Ability;
}

export interface ChoiceField extends Common {
  readonly kind: "choice";
  readonly choices: readonly FieldChoice[];
  /** Open: the choices are suggestions, any text may be written. */
  readonly open: boolean;
}

/** One of the image services that this installation has; platforms offer them with their prices. */
export interface ServiceField extends Common {
  readonly kind: "service";
}

/** A saved style; platforms offer those of the member and of the tenant. */
export interface StyleField extends Common {
  readonly kind: "style";
}

/** A saved image by its name; platforms offer those of the member and of the tenant. */
interface ReferenceField extends Common {
  readonly kind: "reference";
}

/** The job (and image) that a button stands on; never typed. */
export interface JobField extends Common {
  readonly kind: "job";
}

export type Field =
  | TextField
  | IntegerField
  | YesNoField
  | MemberField
  | RoleField
  | ChannelField
  | ImageField
  | ImagesField
  | ChoiceField
  | ServiceField
  | StyleField
  | ReferenceField
  | JobField;

export type Fields = Readonly<Record<string, Field>>;

interface AnswerOf {
  text: string;
  integer: number;
  "yes-no": boolean;
  /** The platform's member key, as in Caller.member. */
  member: string;
  /** The role's key, as in OperatorSettings.allowances. */
  role: string;
  /** The platform's channel id. */
  channel: string;
  image: IncomingImage;
  images: readonly IncomingImage[];
  choice: string;
  service: string;
  style: string;
  reference: string;
  job: JobImage;
}

/** The answers that belong to `F`: a field that is not required may be undefined. */
export type Answers<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends { readonly required: true }
    ? AnswerOf[F[K]["kind"]]
    : AnswerOf[F[K]["kind"]] | undefined;
};
