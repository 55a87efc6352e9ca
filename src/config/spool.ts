import { origin, text } from "./values.ts";

/** The storage by which machines share images, in the shape that src/images takes. */
export interface SpoolConfig {
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint?: string;
  readonly region: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const known = ["endpoint", "region"];

/** `s3://bucket/prefix?endpoint=https://…&region=…`; only the bucket is required. */
export const spoolUrl = text(/./, "").refine((value) => parse(value) !== undefined, {
  message: "must look like s3://bucket/prefix?endpoint=https://host&region=name, of which only the bucket is required",
});

export function spoolConfig(url: string, id: string | undefined, secret: string | undefined): SpoolConfig {
  const parsed = parse(url);
  if (!parsed) throw new Error("SPOOL_URL was not checked");
  return { ...parsed, ...(id && secret ? { credentials: { accessKeyId: id, secretAccessKey: secret } } : {}) };
}

/** Problems of the combination; values are never repeated. */
export function spoolProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const { SPOOL_URL, SPOOL_ACCESS_KEY_ID, SPOOL_SECRET_ACCESS_KEY } = given;
  if (!SPOOL_ACCESS_KEY_ID !== !SPOOL_SECRET_ACCESS_KEY) {
    return ["SPOOL_ACCESS_KEY_ID and SPOOL_SECRET_ACCESS_KEY go together: set both, or neither."];
  }
  if (SPOOL_ACCESS_KEY_ID && !SPOOL_URL) return ["SPOOL_URL is missing beside SPOOL_ACCESS_KEY_ID."];
  return [];
}

function parse(value: string): SpoolConfig | undefined {
  const url = URL.parse(value);
  const bucket = url?.hostname ?? "";
  if (url?.protocol !== "s3:" || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return undefined;
  if (url.username || url.password || url.port || url.hash) return undefined;
  if ([...url.searchParams.keys()].some((name) => !known.includes(name))) return undefined;
  const endpoint = url.searchParams.get("endpoint");
  if (endpoint !== null && origin(endpoint) === undefined) return undefined;
  return {
    bucket,
    prefix: url.pathname.replace(/^\/+|\/+$/g, ""),
    region: url.searchParams.get("region") ?? "us-east-1",
    ...(endpoint === null ? {} : { endpoint }),
  };
}
