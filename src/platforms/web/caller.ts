import type { Request } from "express";
import type { Caller } from "../../contract/usecases.ts";
import { lookOf } from "./look.ts";

/** The language that the reader chose, else the browser's first, as BCP 47; English when it does not say. */
export function localeOf(req: Request): string {
  const { language } = lookOf(req);
  if (language) return language;
  const [first] = req.acceptsLanguages();
  return first === undefined || first === "*" ? "en" : first;
}

/**
 * Whoever may use the playground is its one member, and an operator: it is open to this machine alone, or to who has the
 * operator's password. `request` is the same when a press is sent twice.
 */
export function callerOf(req: Request, request: string): Caller {
  return {
    platform: "web",
    tenant: "web",
    member: "web:local",
    name: "You",
    locale: localeOf(req),
    replyTarget: "{}",
    inbound: `web:${request}`,
    rights: "operator",
  };
}
