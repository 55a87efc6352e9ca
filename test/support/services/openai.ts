import { type Bill, bills } from "./openai-bills.ts";
import { type OpenAiRules, readOpenAi } from "./openai-rules.ts";
import { type FakeOptions, FakeService, type ImageData, type Made, type ServiceRules } from "./openai-server.ts";
import type { Upload } from "./tokenhub-rules.ts";

interface FakeOpenAiOptions extends FakeOptions, Partial<OpenAiRules> {
  /** As `GET /models/gpt-image-2` shows it. */
  readonly model?: object;
  /** The first for the first answer, and so on in turns. */
  readonly usageForms?: readonly UsageForm[];
}

/** A service that plays OpenAI's Images API strictly by its description on 127.0.0.1. */
export function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeService> {
  const transparent = options.transparent ?? false;
  const forms = options.usageForms ?? ["openai"];
  let answered = 0;
  const nextForm = () => forms[answered++ % forms.length] ?? "openai";
  const rules: ServiceRules = {
    read: (request, path, apiKey) => readOpenAi(request, path, apiKey, { transparent, refuses: options.refuses }),
    get: (path) => (path === "/v1/models/gpt-image-2" ? options.model : undefined),
    errorBody: ({ code, message, parameter = null }) => ({
      error: { message, type: code === "server_error" ? code : "invalid_request_error", param: parameter, code },
    }),
    sizeMade: ({ size = "auto" }) => (size === "auto" ? "1536x1024" : String(size)),
    document: (data, upload, made) => ({
      created: 1740000000,
      ...echo(upload, made),
      data,
      ...usagePart(upload, made, nextForm()),
    }),
    events: (image, upload, made) => eventsFor(image, upload, made, nextForm),
    charge,
  };
  return new FakeService(rules, options).listen();
}

/** The ways in which relays tell the usage, one after the other where there are several. */
export type UsageForm = "openai" | "chats" | "digits" | "wrapped" | "none";

const billOf = ({ fields }: Upload): Bill => bills[String(fields.model)] ?? (bills["gpt-image-2"] as Bill);

interface Tokens {
  readonly text: number;
  readonly image: number;
  /** So many of these were cached. */
  readonly cachedText: number;
  readonly cachedImage: number;
  readonly output: number;
}

function tokensOf(upload: Upload, made: Made): Tokens {
  const { fields, files } = upload;
  const bill = billOf(upload);
  const text = Math.ceil(Buffer.byteLength(String(fields.prompt)) / 4) * made.count;
  const each = bill.referenceTokens(String(fields.input_fidelity ?? "low"));
  const image = files.length * each * made.count;
  const output = bill.outputTokens(made, qualityMade(fields)) * made.count + previews(fields) * 100;
  const cached = files.length > 1; // what came with an earlier edit
  const [cachedText, cachedImage] = cached ? [Math.floor(text / 2), Math.floor(image / 2)] : [0, 0];
  return { text, image, cachedText, cachedImage, output };
}

function charge(upload: Upload, made: Made): number {
  const { text, image, cachedText, cachedImage, output } = tokensOf(upload, made);
  const bill = billOf(upload);
  const dear = (text - cachedText) * bill.text[0] + (image - cachedImage) * bill.image[0];
  return dear + cachedText * bill.text[1] + cachedImage * bill.image[1] + output * bill.output;
}

/** OA-15: `output_tokens_details` is mostly absent. */
function usage(upload: Upload, made: Made, form: UsageForm = "openai") {
  const { text, image, cachedText, cachedImage, output } = tokensOf(upload, made);
  const write = (count: number) => (form === "digits" ? String(count) : count);
  const cached = { text_tokens: write(cachedText), image_tokens: write(cachedImage) };
  const details = {
    text_tokens: write(text),
    image_tokens: write(image),
    ...(cachedText + cachedImage > 0
      ? { cached_tokens: write(cachedText + cachedImage), cached_tokens_details: cached }
      : {}),
  };
  const [input, made_] = [write(text + image), write(output)];
  return form === "chats"
    ? {
        prompt_tokens: input,
        completion_tokens: made_,
        input_tokens: 0,
        output_tokens: 0,
        prompt_tokens_details: details,
      }
    : {
        total_tokens: write(text + image + output),
        input_tokens: input,
        input_tokens_details: details,
        output_tokens: made_,
      };
}

function usagePart(upload: Upload, made: Made, form: UsageForm): object {
  if (form === "none") return {};
  const usageSent = { usage: usage(upload, made, form) };
  return form === "wrapped" ? { response: usageSent } : usageSent;
}

function qualityMade({ quality = "auto" }: Upload["fields"]): string {
  return quality === "auto" ? "medium" : String(quality);
}

function previews({ stream, partial_images = 0 }: Upload["fields"]): number {
  return String(stream) === "true" ? Number(partial_images) : 0;
}

/** OA-15: what was made, where `auto` was asked. */
function echo({ fields }: Upload, { width, height }: Made): object {
  const { background = "opaque", output_format = "png" } = fields;
  return { background, output_format, quality: qualityMade(fields), size: `${width}x${height}` };
}

/** OA-16: generations and edits differ in the names of their events. */
function eventsFor(image: ImageData, upload: Upload, made: Made, nextForm: () => UsageForm): object[] | undefined {
  if (String(upload.fields.stream) !== "true") return undefined;
  const kind = upload.files.length > 0 ? "image_edit" : "image_generation";
  const beside = { created_at: 1740000000, ...echo(upload, made) };
  const partial = Array.from({ length: previews(upload.fields) }, (_, at) => ({
    type: `${kind}.partial_image`,
    b64_json: Buffer.from(`preview ${at}`).toString("base64"),
    partial_image_index: at,
    ...beside,
  }));
  return [...partial, { type: `${kind}.completed`, ...image, ...beside, ...usagePart(upload, made, nextForm()) }];
}
