import { Router } from "express";
import type { VisitUseCases } from "../../../contract/usecases.ts";
import type { World } from "../../../world.ts";
import type { VisitPages } from "./pages.ts";
import { giveSession, newSession, pathOf } from "./session.ts";

interface Deps {
  /** The pages begin there. */
  readonly address: URL;
  readonly world: World;
}

/**
 * The address of a link. Chats and virus scanners fetch links before people do: looking at one shows a button, and only
 * pressing that uses the link up.
 */
export function createLinkPages({ address, world }: Deps, visits: VisitUseCases, pages: VisitPages): Router {
  const router = Router();
  router.get("/:token", async (req, res) => pages.sendOffer(req, res, await visits.look(req.params.token)));
  router.post("/:token", async (req, res) => {
    const session = newSession(world);
    const visit = await visits.open(req.params.token, session);
    giveSession(res, address, visit, { session, now: world.now() });
    res.redirect(303, pathOf(address, visit));
  });
  return router;
}
