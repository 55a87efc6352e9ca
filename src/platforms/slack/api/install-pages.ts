import type { ServerResponse } from "node:http";
import { ExpressReceiver } from "@slack/bolt";
import type { Router } from "express";
import { textFor } from "../../../text/text.ts";
import type { PlatformContext } from "../../platform.ts";
import type { OAuthOptions, SlackOptions } from "../options.ts";
import { scopes } from "../scopes.ts";
import { boltLogger } from "./log.ts";
import type { Workspaces } from "./workspaces.ts";

const redirectPath = "/oauth_redirect";

/** Adds `/install` and `/oauth_redirect`, where members install the app into their workspace (Slack's OAuth, version 2). */
export function addInstallPages(
  router: Router,
  options: SlackOptions & { readonly oauth: OAuthOptions },
  workspaces: Workspaces,
  { log }: PlatformContext,
): void {
  const { clientId, clientSecret, stateSecret, publicUrl } = options.oauth;
  new ExpressReceiver({
    router,
    endpoints: {}, // events have a receiver of their own
    signingSecret: "",
    signatureVerification: false,
    clientId,
    clientSecret,
    stateSecret,
    redirectUri: new URL(`slack${redirectPath}`, publicUrl.replace(/\/*$/, "/")).href,
    scopes: [...scopes],
    logger: boltLogger(log),
    installationStore: {
      async storeInstallation({ team, enterprise, bot, isEnterpriseInstall }) {
        const place = isEnterpriseInstall ? enterprise : team;
        if (!place || !bot) throw new Error("Slack told of an installation without a place or a token");
        await workspaces.installed(place.id, bot.token);
      },
      fetchInstallation: () => Promise.reject(new Error("installations are not read by Bolt")),
    },
    installerOptions: {
      installPath: "/install",
      redirectUriPath: redirectPath,
      directInstall: true,
      authorizationUrl: authorizationUrl(options.apiUrl),
      clientOptions: { slackApiUrl: options.apiUrl, retryConfig: { retries: 0 } },
      callbackOptions: {
        success: (_installation, _options, _request, response) => answer(response, 200, pages(options).installed),
        failure: (error, _options, _request, response) => {
          log.warn({ err: error }, "Slack: an installation failed");
          answer(response, 400, pages(options).notInstalled);
        },
      },
    },
  });
}

/** `https://slack.com/oauth/v2/authorize` for `https://slack.com/api/`. */
function authorizationUrl(apiUrl: string): string {
  return new URL("/oauth/v2/authorize", apiUrl).href;
}

function pages({ locale }: SlackOptions) {
  return textFor(locale).slack;
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(sentence);
}
