import type { Json } from "../../decode/json.ts";

/** A generation as the service tells of it; the document has only its good end, so anything may be missing. */
export interface Generation {
  readonly id: string | undefined;
  readonly status: string | undefined;
  readonly images: readonly HubImage[];
  /** The cost in the service's credits. */
  readonly credits: number | undefined;
  /** All that was said of it. */
  readonly document: Json;
}

export interface HubImage {
  readonly id: string | undefined;
  readonly url: string | undefined;
}

/** GH-19; the record of GH-7 has no documented shape, so one around it is looked through. */
export function generationIn(document: Json): Generation {
  const inner = field(document, "generation") ?? field(document, "data") ?? document;
  const images = [field(inner, "images"), field(document, "images"), field(document, "data")].find(Array.isArray);
  return {
    id: text(field(inner, "id")),
    status: text(field(inner, "status")),
    images: images?.map(imageIn) ?? [],
    credits: amount(field(field(inner, "usage"), "credits")),
    document: inner,
  };
}

/** The id in an answer that is cut or otherwise no JSON; quotes inside its texts are escaped and so never match. */
export function idIn(broken: string): string | undefined {
  return /"id"\s*:\s*"([^"\\]{1,200})"/.exec(broken)?.[1];
}

/** The balance in GH-5's answer, whose shape is not documented; as in GH-19, or nearer to the surface. */
export function creditsIn(document: Json): number | undefined {
  const inner = field(document, "data") ?? document;
  const balance = field(inner, "balance");
  return amount(field(inner, "credits")) ?? amount(field(balance, "credits")) ?? amount(balance);
}

/** Does a document say this very text anywhere? */
export function mentions(document: Json, wanted: string): boolean {
  return JSON.stringify(document).includes(JSON.stringify(wanted));
}

function imageIn(image: Json): HubImage {
  const url = text(field(image, "url") ?? field(image, "image_url") ?? image);
  return { id: text(field(image, "id")), url };
}

function field(value: Json | undefined, key: string): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function amount(value: Json | undefined): number | undefined {
  return typeof value === "number" && value >= 0 && value < 1_000_000_000 ? value : undefined;
}
