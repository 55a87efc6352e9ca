import { isIP } from "node:net";
import path from "node:path";
import { isCommonPassword, shortestPassword } from "./password.ts";
import { integer, list, oneOf, secret, text, url } from "./values.ts";

export interface WebConfig {
  /** Only this machine can reach the server. */
  readonly loopback: boolean;
  readonly publicUrl?: string;
  readonly password?: string;
  /** Seals the key of links in the database. */
  readonly sealSecret?: string;
  /** For files that are being uploaded. */
  readonly uploads: string;
  /** Addresses and networks whose word about the client counts, as Express's `trust proxy` takes them. */
  readonly trustedProxies: readonly string[];
  /** Whoever tops members up from outside must show it; undefined: nobody may. */
  readonly grantsToken?: string;
  readonly metrics: {
    /** Whoever reads the metrics must bring it. */
    readonly token?: string;
    /** A listener of their own. */
    readonly port?: number;
  };
}

/** Networks that have names, as Express knows them. */
const networks = ["loopback", "linklocal", "uniquelocal"];

const longSecret = secret.refine((value) => value.length >= 16, { message: "must have at least 16 characters" });

/** The variables of the HTTP server and its pages. */
export const webVariables = {
  PORT: integer(0, 65_535).default(8080),
  HOST: text(/./, "").default("127.0.0.1"),
  PUBLIC_URL: url.optional(),
  TRUSTED_PROXIES: list
    .refine((items) => items.every((item) => networks.includes(item) || isNetwork(item)), {
      message: `must be a list of addresses and networks such as 10.0.0.5,172.16.0.0/12, or of ${networks.join(", ")}`,
    })
    .default([]),
  DASHBOARD_PASSWORD: text(/^[^\p{Cc}]*$/u, "must not contain control characters")
    .refine((value) => [...value].length >= shortestPassword, {
      message: `must have at least ${shortestPassword} characters`,
    })
    .refine((value) => !isCommonPassword(value), {
      message: "is one of the passwords that are guessed first: take some words that nobody else would put together",
    })
    .optional(),
  PLAYGROUND: oneOf(["on", "off"]).optional(),
  METRICS_TOKEN: longSecret.optional(),
  SEAL_SECRET: longSecret.optional(),
  METRICS_PORT: integer(1, 65_535).optional(),
  GRANTS_TOKEN: secret
    .refine((value) => value.length >= 32, { message: "must have at least 32 characters" })
    .optional(),
};

interface WebVariables {
  readonly HOST: string;
  readonly PUBLIC_URL?: string | undefined;
  readonly TRUSTED_PROXIES: readonly string[];
  readonly DASHBOARD_PASSWORD?: string | undefined;
  readonly PLAYGROUND?: "on" | "off" | undefined;
  readonly METRICS_TOKEN?: string | undefined;
  readonly METRICS_PORT?: number | undefined;
  readonly SEAL_SECRET?: string | undefined;
  readonly GRANTS_TOKEN?: string | undefined;
  readonly DATA_DIR: string;
}

/** Problems of their combination, one sentence each. */
export function webProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const { PLAYGROUND, DASHBOARD_PASSWORD, PUBLIC_URL, METRICS_PORT, PORT = "8080" } = given;
  const problems: string[] = [];
  if (PLAYGROUND === "on" && !DASHBOARD_PASSWORD) {
    if (!isLoopback(given.HOST ?? "127.0.0.1"))
      problems.push("PLAYGROUND is on while HOST is open to others: set DASHBOARD_PASSWORD, or HOST to 127.0.0.1.");
    if (PUBLIC_URL)
      problems.push(
        "PLAYGROUND is on and PUBLIC_URL says that others reach it: set DASHBOARD_PASSWORD, or PLAYGROUND to off.",
      );
  }
  if (METRICS_PORT && METRICS_PORT === PORT) problems.push("METRICS_PORT must be another port than PORT.");
  return problems;
}

/** True when the chat in the browser is on: as PLAYGROUND says, else only where nothing else is configured and nobody else comes. */
export function playgroundOf(v: WebVariables, anyPlatform: boolean): boolean {
  if (v.PLAYGROUND !== undefined) return v.PLAYGROUND === "on";
  const guarded = v.DASHBOARD_PASSWORD !== undefined || (isLoopback(v.HOST) && v.PUBLIC_URL === undefined);
  return !anyPlatform && guarded;
}

export function webConfig(v: WebVariables): WebConfig {
  return {
    loopback: isLoopback(v.HOST),
    uploads: path.join(v.DATA_DIR, "uploads"),
    trustedProxies: v.TRUSTED_PROXIES,
    ...(v.PUBLIC_URL === undefined ? {} : { publicUrl: v.PUBLIC_URL }),
    ...(v.DASHBOARD_PASSWORD === undefined ? {} : { password: v.DASHBOARD_PASSWORD }),
    ...(v.SEAL_SECRET === undefined ? {} : { sealSecret: v.SEAL_SECRET }),
    ...(v.GRANTS_TOKEN === undefined ? {} : { grantsToken: v.GRANTS_TOKEN }),
    metrics: {
      ...(v.METRICS_TOKEN === undefined ? {} : { token: v.METRICS_TOKEN }),
      ...(v.METRICS_PORT === undefined ? {} : { port: v.METRICS_PORT }),
    },
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function isNetwork(item: string): boolean {
  const [address = "", prefix, ...rest] = item.split("/");
  const bits = { 4: 32, 6: 128, 0: -1 }[isIP(address)] ?? -1;
  if (rest.length > 0 || bits < 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= bits);
}
