import type { Request } from "express";
import type { Caller } from "../../usecases/usecases.ts";

/** The language that the browser asks for first, as BCP 47; English when it does not say. */
export function localeOf(req: Request): string {
  const [first] = req.acceptsLanguages();
  return first === undefined || first === "*" ? "en" : first;
}

/** Whoever may use the playground is its one member; `request` is the same when a press is sent twice. */
export function callerOf(req: Request, request: string): Caller {
  return {
    platform: "web",
    tenant: "web",
    member: "web:local",
    name: "You",
    locale: localeOf(req),
    place: "{}",
    inbound: `web:${request}`,
  };
}
