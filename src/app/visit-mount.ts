import type { Config } from "../config/config.ts";
import type { Context } from "../context.ts";
import type { UseCases } from "../contract/usecases.ts";

/** The pages that members come to by links, where there is an address for them: every process with a server has them. */
export async function visitMount({ web }: Pick<Config, "web">, context: Context, usecases: UseCases) {
  if (web.publicUrl === undefined) return [];
  const { createVisitPages } = await import("../platforms/web/visits/visits.ts");
  const { world, log, images } = context;
  const options = { publicUrl: web.publicUrl.replace(/\/*$/, "/"), uploads: web.uploads };
  const fit: typeof images.fit = (image, limit) => images.fit(image, limit);
  const { router, maxBodyBytes } = createVisitPages(options, { usecases, world, log, fit });
  return [{ path: "/visit", handler: router, maxBodyBytes }];
}
