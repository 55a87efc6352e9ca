import { ProviderError } from "../../errors.ts";
import type { CallContext } from "../provider.ts";
import type { ServiceIdentity } from "./service-error.ts";

/** Downloads the result at `index` into its place and commits it; returns what went wrong, `undefined` when nothing did. */
export async function downloadInto(
  service: ServiceIdentity,
  context: CallContext,
  index: number,
  url: string,
): Promise<ProviderError | undefined> {
  const sink = await context.openImage(index);
  try {
    await context.download(url, sink);
    await sink.commit();
    return undefined;
  } catch (cause) {
    await sink.discard();
    if (cause instanceof ProviderError) return cause;
    return new ProviderError(service.name, "damaged", "the image could not be stored", { cause });
  }
}
