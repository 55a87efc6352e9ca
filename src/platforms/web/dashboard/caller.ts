import type { Request } from "express";
import type { Caller } from "../../../contract/usecases.ts";
import { localeOf } from "../caller.ts";

/**
 * Whoever has the password, as an operator who looks at one tenant. `request` is the same when a press is sent twice;
 * what only reads needs none.
 */
export function operatorOf(req: Request, tenant = "web", request = "read"): Caller {
  return {
    platform: "web",
    tenant,
    member: "web:operator",
    name: "Operator",
    locale: localeOf(req),
    replyTarget: "{}",
    inbound: `web:dashboard:${request}`,
    rights: "operator",
  };
}
