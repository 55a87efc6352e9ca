import type { Router } from "express";
import type { AnyCommand } from "../command/command.ts";
import { commandsOn } from "../command/offered.ts";
import type { Config } from "../config/config.ts";
import type { Platform, PlatformContext } from "../platforms/platform.ts";
import { createSealer } from "../platforms/seal.ts";

/** A platform of this installation, and the HTTP routes that it wants on the one server. */
export interface InstalledPlatform {
  readonly platform: Platform;
  readonly mount?: { readonly path: string; readonly handler: Router; readonly maxBodyBytes?: number };
}

type Install = (config: Config, context: Omit<PlatformContext, "seal">) => Promise<InstalledPlatform | undefined>;

/** Every platform that this program can live on; a new one is one folder and one entry here. Only what is used is loaded. */
const installs: readonly Install[] = [
  async ({ discord }, context) => {
    if (!discord) return undefined;
    const { createDiscord } = await import("../platforms/discord/discord.ts");
    return {
      platform: createDiscord(discord, { ...offeredOn("discord", context), seal: createSealer(discord.token) }),
    };
  },
  async ({ slack }, context) => {
    if (!slack) return undefined;
    const { createSlack } = await import("../platforms/slack/slack.ts");
    const seal = createSealer(slack.oauth?.stateSecret ?? slack.botToken ?? "");
    const platform = createSlack(slack, { ...offeredOn("slack", context), seal });
    return { platform, ...(platform.router ? { mount: { path: "/slack", handler: platform.router } } : {}) };
  },
  async (config, context) => {
    if (!config.playground && !config.web.password) return undefined;
    const { createWeb } = await import("../platforms/web/web.ts");
    const seal = createSealer(context.world.secret(32)); // places of the playground hold no secrets
    const platform = createWeb(
      { ...config.web, playground: config.playground },
      { ...offeredOn("web", context), seal },
    );
    return { platform, mount: { path: "/", handler: platform.router, maxBodyBytes: platform.maxBodyBytes } };
  },
];

function offeredOn(platform: NonNullable<AnyCommand["only"]>, context: Omit<PlatformContext, "seal">) {
  return { ...context, commands: commandsOn(platform, context.commands) };
}

/** The platforms that the configuration asks for. */
export async function installPlatforms(
  config: Config,
  context: Omit<PlatformContext, "seal">,
): Promise<readonly InstalledPlatform[]> {
  const installed = await Promise.all(installs.map((install) => install(config, context)));
  return installed.filter((platform) => platform !== undefined);
}
