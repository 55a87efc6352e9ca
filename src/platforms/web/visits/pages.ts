import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Request, RequestHandler, Response } from "express";
import type { OfferedVisit } from "../../../contract/usecases.ts";
import { fill } from "../../../text/playground.ts";
import { visitTextFor } from "../../../text/visits.ts";
import { localeOf } from "../caller.ts";
import { sendPage } from "../pages.ts";
import { tokenOf, visitOf } from "./session.ts";

const read = (name: string) => readFileSync(join(import.meta.dirname, "pages", `${name}.html`), "utf8");

export interface VisitPages {
  /** Asks whether the link is to be used; the address of the page is that of the link. */
  sendOffer(req: Request, res: Response, offered: OfferedVisit): void;
  /** Says why there is nothing to see. */
  sendClosed(req: Request, res: Response, sentence: string): void;
  readonly sendVisit: RequestHandler;
}

/** The HTML pages of visits; `base` is the path that they all begin with. */
export function visitPages(base: string): VisitPages {
  const templates = { offer: read("offer"), closed: read("closed"), paint: read("paint"), gallery: read("gallery") };
  const send = (req: Request, res: Response, name: keyof typeof templates, words: object) =>
    sendPage(req, res, templates[name], { base, ...visitTextFor(localeOf(req)).page, ...words }, "no-store");
  return {
    sendOffer(req, res, { kind, name }) {
      const { offers, continueAs } = visitTextFor(localeOf(req));
      send(req, res, "offer", { heading: offers[kind], continueAs: fill(continueAs, { name }) });
    },
    sendClosed: (req, res, sentence) => send(req, res, "closed", { sentence }),
    sendVisit(req, res) {
      if (!req.originalUrl.split("?")[0]?.endsWith("/")) return res.redirect(301, `${base}s/${visitOf(res).id}/`);
      const text = visitTextFor(localeOf(req));
      const name = visitOf(res).page.kind === "gallery" ? "gallery" : "paint";
      send(req, res, name, { csrf: tokenOf(res), heading: text[name].heading });
    },
  };
}
