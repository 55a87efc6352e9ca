import { Refusal } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import { type Quality, type Request, type Size, shapeOf, tierOf, tiers } from "../request.ts";
import type { Route, Router } from "./router.ts";

type Routes = Pick<Router, "names" | "route">;

/** A quality below this is a draft. */
const finalQualities = ["high", "medium"] as const satisfies readonly Quality[];

/** A request was for a draft: an image that is drawn quickly, to be drawn well once it is liked. */
function isDraft({ quality }: Pick<Request, "quality">): boolean {
  return quality === "low";
}

/**
 * The requests that finish a draft which is the first reference of `request`, best first: one size larger at the highest
 * quality, then as large as it is, then at lower qualities. Each can be drawn by a service here that takes its quality;
 * none are left where no service can.
 */
export function finalRequests(router: Routes, request: Request): readonly Request[] {
  const [draft] = request.references;
  if (!draft || !isDraft(request)) return [];
  const loyal: Request = { ...request, fidelity: "high" };
  const larger = { ...loyal, size: largerSize(draft), quality: finalQualities[0] };
  const same = finalQualities.map((quality) => ({ ...loyal, size: ownSize(request.size, draft), quality }));
  return [
    ...drawn(router, larger, ({ quote }) => isAbove(quote.tier, tierOf(draft))),
    ...same.flatMap((final) => drawn(router, final, () => true)),
  ];
}

/** The request as some service here draws it, by the one that the member insists on if that can. */
function drawn(router: Routes, request: Request, suits: (route: Route) => boolean): readonly Request[] {
  const { provider: _, ...anywhere } = request;
  const tried = [request, anywhere, ...router.names.map((provider) => ({ ...request, provider }))];
  const possible = tried.find((one) => {
    const route = routeOf(router, one);
    return route !== undefined && keepsQuality(route) && suits(route);
  });
  return possible ? [possible] : [];
}

function routeOf(router: Routes, request: Request): Route | undefined {
  try {
    return router.route(request);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function keepsQuality({ quote }: Route): boolean {
  return !quote.changes.some((change) => change.code === "option-dropped" && change.option === "quality");
}

/** The next tier; the largest again where there is none above. */
function largerSize(draft: StoredImage): Size {
  const tier = tiers[tiers.indexOf(tierOf(draft)) + 1] ?? tierOf(draft);
  return { ratio: shapeOf(draft), tier };
}

/** As it was asked for; where the model chose, as it chose. */
function ownSize(asked: Size, draft: StoredImage): Size {
  return asked === "auto" ? { ratio: shapeOf(draft), tier: tierOf(draft) } : asked;
}

function isAbove(tier: Route["quote"]["tier"], than: (typeof tiers)[number]): boolean {
  return tier !== undefined && tiers.indexOf(tier) > tiers.indexOf(than);
}
