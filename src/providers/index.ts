import { apimodels } from "./apimodels.ts";
import { gptImageHub } from "./gpt-image-hub.ts";
import { nodekey } from "./nodekey.ts";
import { openai } from "./openai.ts";
import type { ProviderDefinition } from "./provider.ts";
import { sandbox } from "./sandbox.ts";
import { tokenhub } from "./tokenhub.ts";

/** Every image service that this program can speak to; a new one is one file and one line here. */
export const providerDefinitions: readonly ProviderDefinition[] = [
  tokenhub,
  gptImageHub,
  apimodels,
  nodekey,
  openai,
  sandbox,
];
