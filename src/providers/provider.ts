import type { Proxies } from "../flow/proxies.ts";
import type { ImageFormat, ImageSink, Pixels, PreviewSink, StoredImage } from "../image.ts";
import type { Credits, Quality, Request } from "../request.ts";
import type { Cache, World } from "../world.ts";

/** The abilities of a service, as data: platforms hide the rest, use cases refuse it before money moves. */
export interface Capabilities {
  /** The exact sizes it takes, or the rules for any. */
  readonly sizes: readonly Pixels[];
  readonly customSizes: boolean;
  /** Shapes (width, height) of a service that takes a shape and a tier instead of pixels; `sizes` is empty then. */
  readonly ratios: readonly (readonly [number, number])[];
  /** It takes pixels, and works them out itself where it is sent a shape and a tier instead. */
  readonly shapesToo?: boolean;
  readonly autoSize: boolean;
  readonly qualities: readonly Quality[];
  readonly formats: readonly ImageFormat[];
  /** Images by one call; a job of more is several calls. */
  readonly maxCount: number;
  /** 0: no edits. */
  readonly maxReferences: number;
  readonly mask: boolean;
  /** Characters. */
  readonly maxPromptLength: number;
  readonly backgrounds: readonly Request["background"][];
  readonly fidelity: boolean;
  readonly moderations: readonly Request["moderation"][];
  /** For edits only, for both, or not at all. */
  readonly compression: "edits" | "always" | "never";
}

/** Everything that one paid call is given besides the request. */
export interface CallContext {
  /** Aborts at the call's deadline, or when the process gives the job up. */
  readonly signal: AbortSignal;
  /** The id under which this call is written down. */
  readonly attempt: string;
  /** Stands for the member at the service: a hash, the same for the same member. */
  readonly endUser: string;
  /**
   * The write-ahead commit: awaited exactly once, immediately before the first byte of the paid call leaves.
   * When it throws, nothing may be sent.
   */
  beforeSend(): Promise<void>;
  /** A place for the result at `index` (0 to count - 1). */
  openImage(index: number): Promise<ImageSink>;
  /** A place for a preview of the image at `index`, gone when the call ends; undefined while nobody wants to see any. */
  readonly openPreview?: ((index: number) => Promise<PreviewSink>) | undefined;
  /** Where the bytes of a reference or mask lie. */
  pathOf(image: StoredImage): string;
  /** Undefined while nobody can call back: no PUBLIC_URL. */
  readonly callback?: Callback | undefined;
  /** GETs a result URL, guarded against private addresses, into `sink`, which the caller commits. No credentials. Throws ProviderError `damaged`. */
  download(url: string, sink: ImageSink): Promise<void>;
}

/** An address at which an asynchronous service may tell that a task has ended; unguessable, made for one call. */
export interface Callback {
  readonly url: string;
  /** The next body that arrives there, from anybody: no more than a hint to ask the service. Undefined after `ms`. */
  next(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** A call that an asynchronous service took, or may have taken, before this process began. */
export interface AcceptedCall {
  /** As told by `accepted`; undefined when the process died before it heard. */
  readonly reference: string | undefined;
  /** When `beforeSend` was committed. */
  readonly sentAt: number;
}

export interface Balance {
  /** In the service's own unit. */
  readonly amount: number;
  readonly unit: string;
  /** True when it is time to top up. */
  readonly low: boolean;
}

export type ProviderEvent =
  /** An asynchronous service took the call and gave it this id. */
  | { readonly type: "accepted"; readonly reference: string }
  | { readonly type: "progress"; readonly percent: number }
  | { readonly type: "partial"; readonly index: number; readonly path: string }
  /** The image at `index` is committed. */
  | { readonly type: "image"; readonly index: number }
  /** Last. Fewer images than asked is not an error. `cost` is what the service charges for the whole call, where it tells. */
  | { readonly type: "done"; readonly reference?: string | undefined; readonly cost?: Credits | undefined };

/** The model by which a service makes images. */
export interface ServiceModel {
  readonly id: string;
  /** Milliseconds since 1970: from then on it answers nobody. Undefined when no end is known. */
  readonly endsAt?: number | undefined;
}

/** An image service, or one of its models, behind one door: data plus one method. */
export interface Provider {
  /** As members choose it: `openai`, or `openai/gpt-image-1.5` where several models of the service are offered. */
  readonly name: string;
  /** The name with the model, under which jobs keep it, so that they stay with the model; absent where `name` says it all. */
  readonly lastingName?: string | undefined;
  /** As members read it. */
  readonly label: string;
  readonly capabilities: Capabilities;
  /** Calls at the same time, over all processes. */
  readonly concurrency: number;
  /** Milliseconds that one paid call may take as a whole; above the service's own maximum by default. */
  readonly timeoutMs: number;
  /** The service does not say that calls which it refused or failed are free: they count as spent until the operator knows. */
  readonly failuresMayCost?: boolean | undefined;
  /** The service's price of one image in credits, pure; for `auto` the dearest it can become. */
  price(request: Request): Credits;
  /** The least that one image of these pixels can have cost, where `price` is only a ceiling; absent where it is exact. */
  leastPrice?(request: Request): Credits;
  /** One paid call of at most `maxCount` images; never repeated by the adapter itself. Throws ProviderError only. */
  generate(request: Request, context: CallContext): AsyncIterable<ProviderEvent>;
  /** Goes on with a call that was accepted earlier, without a paid request; only asynchronous services can. */
  resume?(call: AcceptedCall, request: Request, context: CallContext): AsyncIterable<ProviderEvent>;
  /** The operator's choice of model, where the service has several. */
  readonly model?: ServiceModel | undefined;
  /** Asks when that model ends, free of charge: milliseconds since 1970, undefined when the service does not tell. */
  modelEnd?(): Promise<number | undefined>;
  /** Asks what the operator has left there, free of charge. Undefined when the service does not tell. */
  balance?(): Promise<Balance | undefined>;
  /** Proves address and key as far as that can be, free of charge; throws ProviderError with one sentence. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The checked settings of one service, from the environment. */
export interface ProviderSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly proxies?: Proxies | undefined;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** The values of the definition's own `variables`. */
  readonly extra: Readonly<Record<string, string>>;
}

/** One service as the configuration sees it; listed in providers/index.ts. */
export interface ProviderDefinition {
  readonly name: string;
  /** `TOKENHUB` gives TOKENHUB_API_KEY, _BASE_URL, _CONCURRENCY, _TIMEOUT_MS. */
  readonly prefix: string;
  /** Undefined: the operator must give it. */
  readonly defaultBaseUrl?: string;
  readonly defaultTimeoutMs: number;
  /** False for the sandbox: it is used when no service is configured, or by name in PROVIDERS. */
  readonly needsKey: boolean;
  /** Variables of its own (full names), with the check that each must pass. */
  readonly variables: Readonly<Record<string, ProviderVariable>>;
  /** Sentences about values that are wrong together, or wrong by now (`now` is milliseconds since 1970); all were accepted alone. */
  problems?(extra: Readonly<Record<string, string>>, now: number): readonly string[];
  /** The models that are offered side by side, the first one first; undefined stands for the service without a choice. */
  models?(extra: Readonly<Record<string, string>>): readonly (string | undefined)[];
  /** `model` is one of `models`: its provider is named by service and model. */
  create(settings: ProviderSettings, tools: ProviderTools, model?: string): Provider;
}

export interface ProviderTools {
  readonly world: World;
  /** For what may vanish: model lists, balances. */
  readonly cache: Cache;
  /** For what was learnt of a service and outlives a restart, for some days. */
  readonly notes: Cache;
}

export interface ProviderVariable {
  /** One sentence for the report of wrong configuration: "must be a price in US dollars, such as 0.04". */
  readonly must: string;
  readonly accepts: (value: string) => boolean;
  /** Used when unset; undefined means required with that service. */
  readonly fallback?: string;
}
