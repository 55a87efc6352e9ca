import pg from "pg";

/** deadlock_detected, serialization_failure: the transaction did nothing and may run again. */
const retryable = new Set(["40P01", "40001"]);
/** connection_exception; the server ends, crashed, or does not take connections yet; idle in a transaction for too long. */
const lostStates = /^(08|57P0[123]|25P03)/;
const lostSockets = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);
/** The words of pg itself, which gives no code with them. */
const lostWords = /^Connection terminated|not queryable|timeout exceeded when trying to connect/;

export const codeOf = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? "";

export const isRetryable = (error: unknown): boolean => retryable.has(codeOf(error));

/** The connection broke, or there is none. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (lostStates.test(code) || lostSockets.has(code)) return true;
  return error instanceof Error && lostWords.test(error.message);
}

/** A newer version changed the tables under a prepared statement; its transaction did nothing. */
export function isStale(error: unknown): boolean {
  // feature_not_supported, which alone says too little.
  return error instanceof pg.DatabaseError && error.code === "0A000" && error.message.includes("cached plan");
}

/** The database cannot be used as it is configured; one sentence that names the variable and repeats nothing of its value. */
export class DatabaseUnreachable extends Error {}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name of its server is not known",
  EAI_AGAIN: "the name of its server cannot be looked up now",
  ECONNREFUSED: "no server takes connections at its address",
  ETIMEDOUT: "its server does not answer",
  EHOSTUNREACH: "its server cannot be reached from here",
  ENETUNREACH: "its server cannot be reached from here",
  ECONNRESET: "its server closed the connection",
  "28P01": "its server does not accept this user and password (the password may stand in PGPASSWORD)",
  "28000": "its server does not let this user in",
  "3D000": "its server has no database of this name",
  "53300": "its server has no connection left",
  "57P03": "its server is starting or stopping",
};

/** Says why no connection can be made to what `variable` names. */
export function unreachable(variable: string, error: unknown): DatabaseUnreachable {
  const code = codeOf(error);
  const timedOut = error instanceof Error && lostWords.test(error.message);
  const reason = reasons[code] ?? (timedOut ? reasons.ETIMEDOUT : undefined) ?? "its server refused the connection";
  return new DatabaseUnreachable(`The database of ${variable} cannot be used: ${reason}${code ? ` (${code})` : ""}.`, {
    cause: error,
  });
}
