import { Writable } from "node:stream";
import { pino } from "pino";
import { printableJson, printableValues } from "../cli/printable.ts";
import type { Log } from "../world.ts";
import type { LearntSecrets } from "./learnt-secrets.ts";

export interface LogOptions {
  readonly level: string;
  /** Values that must never be printed, wherever they stand in a line. */
  readonly secrets: readonly string[];
  /** The same, of values that come to be known later. */
  readonly learnt?: Pick<LearntSecrets, "values">;
  /** A person reads along: colours and short lines instead of JSON. */
  readonly pretty: boolean;
  readonly out: NodeJS.WritableStream;
}

const removed = "[removed]";
/** By the name of the field, wherever it stands; tokens in URLs; image data, which would drown a log. */
const secretShapes = [
  [
    /"(authorization|cookie|set-cookie|[\w-]*(?:api[-_]?key|token|password|secret))":"(?:[^"\\]|\\.)*"/gi,
    `"$1":"${removed}"`,
  ],
  [/(\/callbacks\/)[\w-]{16,}/g, `$1${removed}`],
  [/(\/(?:webhooks|interactions)\/\d+\/)[\w-]{20,}/g, `$1${removed}`],
  [/\b(?:Bot|Bearer) [\w.~+/=-]{8,}/g, removed],
  [/\bxox[a-z]-[\w-]+/g, removed],
  [/data:image\/\w+;base64,[\w+/=]+/g, "data:image/…"],
] as const;

/**
 * pino, with every line cleaned of secrets by value, by name and by shape before it leaves the process, and of whatever
 * a terminal would obey.
 */
export async function createLog(options: LogOptions): Promise<Log> {
  const clean = cleaner(options.secrets, options.learnt);
  const shown = options.pretty ? (line: string) => `${printableValues(line)}\n` : printableJson;
  const out = options.pretty ? await prettyStream(options.out) : options.out;
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      out.write(shown(clean(String(line))));
      done();
    },
  });
  const logger: Log = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return logger;
}

async function prettyStream(out: NodeJS.WritableStream): Promise<NodeJS.WritableStream> {
  const { build } = await import("pino-pretty"); // only where a person reads along: start-up time counts
  return build({
    destination: out as Writable,
    colorize: true,
    translateTime: "SYS:HH:MM:ss",
    ignore: "pid,hostname",
    singleLine: true,
  });
}

/** Replaces secrets in any text; short values are left alone, because they would match by accident. */
function cleaner(secrets: readonly string[], learnt: LogOptions["learnt"]): (text: string) => string {
  const none: readonly string[] = [];
  let known = { learnt: none, values: valuesOf(secrets) };
  return (text) => {
    const now = learnt?.values ?? none;
    if (now !== known.learnt && now.length > 0) known = { learnt: now, values: valuesOf([...secrets, ...now]) };
    let clean = text;
    for (const value of known.values) clean = clean.replaceAll(value, removed);
    for (const [shape, instead] of secretShapes) clean = clean.replace(shape, instead);
    return clean;
  };
}

/** The longest first: one may be a part of another. */
function valuesOf(secrets: readonly string[]): readonly string[] {
  const written = secrets.filter((secret) => secret.length >= 6).flatMap(waysToWrite);
  return [...new Set(written)].sort((a, b) => b.length - a.length);
}

/** As it is, in JSON, in a JSON text inside of JSON (the body of an answer), in a URL. */
function waysToWrite(secret: string): string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  return [secret, inJson(secret), inJson(inJson(secret)), encodeURIComponent(secret)];
}
