import type { Request } from "express";
import { Problem } from "./problem.ts";

/** Made by the page for each press, so that a press that is sent twice does one thing. Throws Problem. */
export function requestKey(req: Pick<Request, "get">): string {
  const key = req.get("Idempotency-Key") ?? "";
  if (!/^[\w-]{8,64}$/.test(key)) throw new Problem(400, "requestKey");
  return key;
}
