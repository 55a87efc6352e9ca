import { Writable } from "node:stream";
import { pino } from "pino";
import type { Log } from "./world.ts";

export interface LogOptions {
  readonly level: string;
  /** Values that must never be printed, wherever they stand in a line. */
  readonly secrets: readonly string[];
  /** A person reads along: colours and short lines instead of JSON. */
  readonly pretty: boolean;
  readonly out: NodeJS.WritableStream;
}

const removed = "[removed]";
/** Discord interaction and webhook tokens stand in URLs; image data would drown a log. */
const secretShapes = [
  [/(\/(?:webhooks|interactions)\/\d+\/)[\w-]{20,}/g, `$1${removed}`],
  [/\b(?:Bot|Bearer) [\w.~+/=-]{8,}/g, removed],
  [/\bxox[a-z]-[\w-]+/g, removed],
  [/data:image\/\w+;base64,[\w+/=]+/g, "data:image/…"],
] as const;

/** pino, with every line cleaned of secrets by value and by shape before it leaves the process. */
export async function createLog(options: LogOptions): Promise<Log> {
  const clean = cleaner(options.secrets);
  const out = options.pretty ? await prettyStream(options.out) : options.out;
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      out.write(clean(String(line)));
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
function cleaner(secrets: readonly string[]): (text: string) => string {
  const values = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const value of values) clean = clean.replaceAll(value, removed);
    for (const [shape, instead] of secretShapes) clean = clean.replace(shape, instead);
    return clean;
  };
}
