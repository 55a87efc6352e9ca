import type { AnyCommand } from "../../command/command.ts";
import type { Fields } from "../../command/fields.ts";
import { textFor } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import { isTyped } from "./line.ts";

/** How Slack reaches the app; over HTTP, at the public address of the server. */
export type SlackMode = { readonly mode: "socket" } | { readonly mode: "http"; readonly publicUrl: string };

/** Where Slack's HTTP mode is mounted. */
const eventsPath = "/slack/events";

/** The global shortcut that opens the form. */
export const shortcutCallback = "imagine";

/** What the app needs, and not one more. */
export const scopes = ["commands", "chat:write", "files:write", "files:read"] as const;

/** `/imagine` for the command that everything is about, `/imagine-credits` for the others. */
export function slashName({ name }: AnyCommand): string {
  return name === shortcutCallback ? "/imagine" : `/imagine-${name}`;
}

/** The app manifest that an operator pastes into api.slack.com. */
export function renderManifest(commands: readonly AnyCommand[], how: SlackMode) {
  const url = how.mode === "http" ? { url: new URL(eventsPath, how.publicUrl).href } : {};
  const request = how.mode === "http" ? { request_url: url.url } : {};
  return {
    display_information: {
      name: "Atelier",
      description: clip(textFor("en").commands.imagine, 140),
    },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: "Atelier", always_online: true },
      shortcuts: [shortcut()],
      slash_commands: commands.filter(({ entry }) => entry === "typed").map((command) => slash(command, url)),
    },
    oauth_config: { scopes: { bot: [...scopes] } },
    settings: {
      interactivity: { is_enabled: true, ...request },
      org_deploy_enabled: false,
      socket_mode_enabled: how.mode === "socket",
      token_rotation_enabled: false,
    },
  };
}

function shortcut() {
  return {
    name: "Create image",
    type: "global",
    callback_id: shortcutCallback,
    description: clip(textFor("en").commands.imagine, 150),
  };
}

/** `should_escape: false` leaves names of members and channels in a prompt as they were typed. */
function slash(command: AnyCommand, url: { url?: string }) {
  const hint = usage(command);
  return {
    command: slashName(command),
    ...url,
    description: clip(command.summary(textFor("en")), 2000),
    ...(hint ? { usage_hint: hint } : {}),
    should_escape: false,
  };
}

/** `[prompt] [--size …] [--private]`. */
function usage(command: AnyCommand): string {
  const fields: Fields = command.fields;
  const hints = Object.entries(fields)
    .filter(([, field]) => isTyped(field))
    .map(([name, field]) => {
      if (field.kind === "text") return `[${name}]`;
      return field.kind === "yes-no" ? `[--${name}]` : `[--${name} …]`;
    });
  return clip(hints.join(" "), 1000);
}
