import { join } from "node:path";
import { Router } from "express";
import { serveAssets } from "../assets.ts";
import { uploadLimits } from "../upload.ts";
import type { VisitContext } from "./context.ts";
import { createGalleryApi } from "./gallery-api.ts";
import { refuseOtherSites, secretive } from "./guard.ts";
import { createLinkPages } from "./link-pages.ts";
import { visitPages } from "./pages.ts";
import { createPaintApi } from "./paint-api.ts";
import { answerProblems } from "./problems.ts";
import { requireSession } from "./session.ts";

const assets = join(import.meta.dirname, "assets");
const sharedAssets = join(import.meta.dirname, "..", "assets");

export interface VisitOptions {
  /** PUBLIC_URL, which ends with a slash. */
  readonly publicUrl: string;
  /** A directory for files that are being uploaded. */
  readonly uploads: string;
}

/** The pages of one member, to be mounted at `/visit` with `maxBodyBytes`; they need neither playground nor dashboard. */
export function createVisitPages(options: VisitOptions, context: VisitContext) {
  const { world } = context;
  const address = new URL("visit/", options.publicUrl);
  const router = Router();
  router.use("/pages/assets", serveAssets(assets));
  router.use("/assets", serveAssets(sharedAssets));
  router.use(secretive, refuseOtherSites(address.origin));
  const pages = visitPages(address.pathname);
  router.use(createLinkPages({ address, world }, context.usecases.visits, pages));
  const own = Router({ mergeParams: true });
  own.use(requireSession(address, context.usecases.visits));
  own.get("/", pages.sendVisit);
  own.use(createGalleryApi({ address, world }, context));
  own.use(createPaintApi({ uploads: { directory: options.uploads, world } }, context));
  router.use("/s/:visit", own);
  router.use(answerProblems(context, pages));
  return { router, maxBodyBytes: uploadLimits.bodyBytes };
}
