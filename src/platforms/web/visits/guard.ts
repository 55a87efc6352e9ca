import type { RequestHandler } from "express";
import { Problem } from "../problem.ts";

/** Sets the headers of pages whose addresses are secrets: nobody keeps them, and no other site learns of them. */
export const secretive: RequestHandler = (_req, res, next) => {
  res.set({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow" });
  next();
};

/** Refuses what another site makes a browser send, by its own words about where that comes from. */
export function refuseOtherSites(origin: string): RequestHandler {
  return (req, _res, next) => {
    const given = req.headers.origin;
    const site = req.get("Sec-Fetch-Site");
    const safe = req.method === "GET" || req.method === "HEAD";
    // a page without referrer sends its forms with Origin: null
    const isForeign = given !== undefined && given !== origin && given !== "null";
    const fromElsewhere = site !== undefined && site !== "same-origin" && site !== "none";
    if (isForeign || (!safe && fromElsewhere)) throw new Problem(403, "foreign");
    next();
  };
}
