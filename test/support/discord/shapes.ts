/** Discord's OpenAPI description of a field, as far as this bot sends it. */
type Rule =
  | { readonly kind: "text"; readonly min?: number; readonly max?: number }
  | { readonly kind: "integer"; readonly min?: number; readonly max?: number }
  | { readonly kind: "boolean" | "object" }
  | { readonly kind: "list"; readonly min?: number; readonly max?: number };

interface Field {
  readonly rule: Rule;
  readonly required?: true;
}

export type Shape = Readonly<Record<string, Field>>;

const text = (max: number, min = 0): Field => ({ rule: { kind: "text", min, max } });
const list = (max: number, min = 0): Field => ({ rule: { kind: "list", min, max } });
const whole: Field = { rule: { kind: "integer" } };
const between = (min: number, max: number): Field => ({ rule: { kind: "integer", min, max } });
const yesNo: Field = { rule: { kind: "boolean" } };
const object: Field = { rule: { kind: "object" } };
const must = ({ rule }: Field): Field => ({ rule, required: true });

const names = { name_localizations: object, description_localizations: object };
const option = {
  type: must(whole),
  name: must(text(32, 1)),
  description: must(text(100, 1)),
  ...names,
  required: yesNo,
};
const component = { type: must(whole), id: whole };
const formPart = { ...component, custom_id: must(text(100, 1)), required: yesNo };
const someValues = { min_values: between(0, 25), max_values: between(1, 25), placeholder: text(150) };

/** MessageCreateRequest, MessageEditRequestPartial, IncomingWebhook*: what they have in common, and what is added. */
export const messageShape: Shape = {
  content: text(2000),
  components: list(40),
  flags: whole,
  allowed_mentions: must(object),
  attachments: list(10),
  nonce: text(25),
  enforce_nonce: yesNo,
  message_reference: object,
};
export const attachmentShape: Shape = {
  id: must(text(20, 1)),
  filename: text(1024, 1),
  description: text(1024),
  is_spoiler: yesNo,
};

/** Components by their type, in messages and in forms. */
export const componentShapes: Readonly<Record<number, Shape>> = {
  1: { ...component, components: must(list(5, 1)) },
  2: {
    ...component,
    style: must(between(1, 6)),
    custom_id: text(100, 1),
    label: text(80),
    url: text(512),
    disabled: yesNo,
  },
  3: { ...formPart, ...someValues, options: must(list(25, 1)) },
  4: {
    ...formPart,
    ...{ style: must(between(1, 2)), value: text(4000), placeholder: text(100) },
    ...{ min_length: between(0, 4000), max_length: between(1, 4000) },
  },
  5: { ...formPart, ...someValues },
  6: { ...formPart, ...someValues },
  8: { ...formPart, ...someValues, channel_types: list(20) },
  9: { ...component, components: must(list(3, 1)), accessory: must(object) },
  10: { ...component, content: must(text(4000, 1)) },
  11: { ...component, media: must(object), description: text(1024, 1), spoiler: yesNo },
  12: { ...component, items: must(list(10, 1)) },
  13: { ...component, file: must(object), spoiler: yesNo },
  14: { ...component, divider: yesNo, spacing: whole },
  17: { ...component, components: must(list(40, 1)), accent_color: between(0, 0xffffff), spoiler: yesNo },
  18: { ...component, label: must(text(45, 1)), description: text(100, 1), component: must(object) },
  19: { ...formPart, min_values: between(0, 10), max_values: between(1, 10) },
  21: { ...formPart, options: must(list(10, 2)) },
  22: { ...formPart, options: must(list(10, 1)), min_values: between(0, 10), max_values: between(1, 10) },
  23: { ...component, custom_id: must(text(100, 1)), default: yesNo },
};
export const galleryItemShape: Shape = { media: must(object), description: text(1024, 1), spoiler: yesNo };
export const lineShape: Shape = {
  label: must(text(100, 1)),
  value: must(text(100, 1)),
  description: text(100),
  default: yesNo,
};

export const commandShape: Shape = {
  type: whole,
  name: must(text(32, 1)),
  description: text(100),
  ...names,
  options: list(25),
  default_member_permissions: between(0, Number.MAX_SAFE_INTEGER),
  contexts: list(3, 1),
  integration_types: list(2, 1),
};
/** Options by their type. */
export const optionShapes: Readonly<Record<number, Shape>> = {
  1: { ...option, options: list(25) },
  3: { ...option, autocomplete: yesNo, min_length: between(0, 6000), max_length: between(1, 6000), choices: list(25) },
  4: { ...option, autocomplete: yesNo, min_value: whole, max_value: whole, choices: list(25) },
  5: option,
  6: option,
  7: { ...option, channel_types: list(20) },
  8: option,
  11: option,
};
export const choiceShape: Shape = { name: must(text(100, 1)), value: must(text(100, 1)), name_localizations: object };

/** Yields where an object breaks its shape; `null` is as good as absent, an unknown field is not. */
export function* shapeProblems(what: string, value: object, shape: Shape | undefined): Generator<string> {
  if (!shape) return yield `${what} is of an unknown kind`;
  const given = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
  for (const [name, each] of given) {
    const field = shape[name];
    if (!field) yield `${what} has an unknown field ${name}`;
    else if (!fits(each, field.rule)) yield `${name} of ${what} breaks ${JSON.stringify(field.rule)}`;
  }
  for (const [name, { required }] of Object.entries(shape)) {
    if (required && !given.some(([key]) => key === name)) yield `${what} lacks ${name}`;
  }
}

function fits(value: unknown, rule: Rule): boolean {
  const inside = (size: number, { min, max }: { min?: number; max?: number }) =>
    size >= (min ?? Number.NEGATIVE_INFINITY) && size <= (max ?? Number.POSITIVE_INFINITY);
  switch (rule.kind) {
    case "text":
      return typeof value === "string" && inside(value.length, rule);
    case "integer":
      return Number.isInteger(value) && inside(value as number, rule);
    case "boolean":
      return typeof value === "boolean";
    case "object":
      return typeof value === "object" && !Array.isArray(value);
    case "list":
      return Array.isArray(value) && inside(value.length, rule);
  }
}
