import type { Request } from "express";

/** The value of a cookie, as it was sent. */
export function readCookie(req: Request, name: string): string | undefined {
  const pairs = (req.headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
  return pairs.find(([key]) => key === name)?.[1];
}
