import type { ProviderDefinition } from "./provider.ts";
import { sandbox } from "./sandbox.ts";
import { tokenhub } from "./tokenhub.ts";

/** Every image service that this program can speak to; a new one is one file and one line here. */
export const providerDefinitions: readonly ProviderDefinition[] = [tokenhub, sandbox];
