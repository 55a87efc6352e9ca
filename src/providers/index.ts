import type { ProviderDefinition } from "./provider.ts";
import { apimodels } from "./services/apimodels/apimodels.ts";
import { gptImageHub } from "./services/gpt-image-hub/gpt-image-hub.ts";
import { nodekey } from "./services/nodekey/nodekey.ts";
import { openai } from "./services/openai/openai.ts";
import { sandbox } from "./services/sandbox/sandbox.ts";
import { tokenhub } from "./services/tokenhub/tokenhub.ts";

/** Services of which some model makes transparent backgrounds, by their labels. */
export const makersOfTransparent: readonly string[] = ["apimodels.app", "NodeKey", "OpenAI (gpt-image-2.5)"];

/** Every image service that this program can speak to; a new one is one folder and one line here. */
export const providerDefinitions: readonly ProviderDefinition[] = [
  tokenhub,
  gptImageHub,
  apimodels,
  nodekey,
  openai,
  sandbox,
];
