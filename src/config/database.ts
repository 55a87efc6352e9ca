import { z } from "zod";

/**
 * `postgres://user:password@host/name`. A second @, or what cannot be parsed, is nearly always a password that was not
 * encoded: taken as it stands, a piece of it would be the name of the server.
 */
export const databaseUrl = z.string().refine(isUnambiguous, {
  message:
    "must be a postgres:// URL with a host; write @ : / # ? and % of its password as %40 %3A %2F %23 %3F and %25, or leave the password out and set PGPASSWORD",
});

function isUnambiguous(value: string): boolean {
  const [, rest] = /^postgres(?:ql)?:\/\/[^/?#]*(.*)$/s.exec(value) ?? [];
  if (rest === undefined || rest.includes("@") || value.split("@").length > 2) return false;
  const parsed = URL.parse(value);
  return parsed !== null && parsed.hostname !== "" && isDecodable(parsed.username) && isDecodable(parsed.password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The URL with the password, when it has none of its own. */
export function withPassword(url: string | undefined, password: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  if (parsed?.password !== "" || password === undefined) return url;
  parsed.password = encodeURIComponent(password);
  return parsed.href;
}

/** The password of a URL as it is written there, and as it is. */
export function passwordsIn(url: string | undefined): string[] {
  const written = url === undefined ? "" : (URL.parse(url)?.password ?? "");
  return written === "" ? [] : [...new Set([written, decodeURIComponent(written)])];
}

/** The variables are right one by one, and wrong together. */
export function databaseProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  if (!given.DATABASE_DIRECT_URL || given.DATABASE_URL) return [];
  return ["DATABASE_DIRECT_URL is set without DATABASE_URL: set DATABASE_URL, to the pooler or to the same server."];
}

/** Finds the database of a configuration. */
export function databaseOf(config: {
  readonly databaseUrl?: string;
  readonly databaseDirectUrl?: string;
  readonly dataDir: string;
}) {
  const { databaseUrl: url, databaseDirectUrl: directUrl, dataDir } = config;
  return { url, directUrl, dataDir };
}
