import type { IncomingImage } from "../image.ts";
import type { Caller, JobImage } from "./usecases.ts";

/** The part of a way to draw that is words and options; each as it would be typed. */
export interface StyleOptions {
  /** Words before the prompt. */
  readonly before?: string | undefined;
  /** Words behind it. */
  readonly after?: string | undefined;
  readonly size?: string | undefined;
  readonly quality?: string | undefined;
  readonly format?: string | undefined;
  readonly background?: string | undefined;
  readonly compression?: number | undefined;
  readonly fidelity?: string | undefined;
}

/** A way to draw that was saved under a name. */
export interface Style extends StyleOptions {
  readonly name: string;
  /** It belongs to the tenant, for everybody there; else to the caller alone. */
  readonly shared: boolean;
  /** The images that every image in this style starts from. */
  readonly references: number;
}

/** A style to save. One of that name is changed: what is undefined stays as it is there. */
export interface NewStyle extends StyleOptions {
  readonly name: string;
  readonly shared?: boolean | undefined;
  /** In the place of its references. */
  readonly images?: readonly IncomingImage[] | undefined;
  /** A result of the caller's own: its options, and its image as the reference, where nothing else is given. */
  readonly of?: JobImage | undefined;
}

/** A default style, and the platform's id of the channel where it counts; undefined: everywhere in the tenant. */
export interface StyleDefault {
  readonly name: string;
  readonly channel: string | undefined;
}

/** Names a style among the caller's own and those of the tenant; an own one comes first. */
export interface StyleName {
  readonly name: string;
  /** Only among those of the tenant. */
  readonly shared?: boolean | undefined;
}

/** The styles that a caller may draw in. Each call may throw Refusal `style-*`; what is for all in a tenant also `admins-only`. */
export interface StyleUseCases {
  /** The caller's own, then those of the tenant; by name. */
  list(caller: Caller): Promise<readonly Style[]>;
  /** The names of these, each once: an own style hides one of the tenant that is called so. */
  names(caller: Caller): Promise<readonly string[]>;
  defaults(caller: Caller): Promise<readonly StyleDefault[]>;
  show(style: StyleName, caller: Caller): Promise<Style>;
  /** Throws also what a draft with these options and images throws. */
  save(style: NewStyle, caller: Caller): Promise<Style>;
  /** Jobs that were accepted in it stay as they are. */
  remove(style: StyleName, caller: Caller): Promise<Style>;
  /** Draws so where a member names no style: in a channel, or everywhere. `none` takes the default away. */
  setDefault(style: { readonly name: string; readonly channel?: string | undefined }, caller: Caller): Promise<void>;
}
