import type { AnyCommand } from "../../command/command.ts";
import type { Fields } from "../../command/fields.ts";
import { textFor } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import { isTyped } from "./events/line.ts";
import { shortcuts } from "./events/listen.ts";
import { namesPeople, slashName } from "./events/slash.ts";
import { scopes } from "./scopes.ts";
import { stepDefinitions } from "./steps/definition.ts";

/** Tells how Slack reaches the app; over HTTP, at the public address of the server. There it can be installed by OAuth, too. */
export type SlackMode =
  | { readonly mode: "socket"; readonly publicUrl?: string | undefined }
  | { readonly mode: "http"; readonly publicUrl: string };

const events = [
  "agent_session_stopped",
  "app_home_opened",
  "app_mention",
  "app_uninstalled",
  "function_executed",
  "message.im",
  "tokens_revoked",
];

/** The app manifest that an operator pastes into api.slack.com. */
export function renderManifest(commands: readonly AnyCommand[], how: SlackMode) {
  const { agent } = textFor("en").slack;
  const address = how.publicUrl?.replace(/\/*$/, "/");
  const at = (path: string) => new URL(path, address).href;
  const url = how.mode === "http" ? { url: at("slack/events") } : {};
  const request = how.mode === "http" ? { request_url: at("slack/events") } : {};
  return {
    display_information: {
      name: "Atelier",
      description: clip(textFor("en").commands.imagine, 140),
    },
    features: {
      agent_view: { agent_description: agent.description, suggested_prompts: agent.prompts },
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: "Atelier", always_online: true },
      shortcuts: [
        shortcut("global", "Create image", shortcuts.create, textFor("en").commands.imagine),
        shortcut("message", "Edit image", shortcuts.edit, textFor("en").commands.edit),
        shortcut("message", "Save image as…", shortcuts.save, textFor("en").commands["reference-save"]),
        ...(address ? [shortcut("message", "Paint over image", shortcuts.paint, textFor("en").commands.paint)] : []),
      ],
      slash_commands: slashCommands(commands).map((named) => slash(named, url)),
    },
    functions: stepDefinitions(commands),
    oauth_config: {
      scopes: { bot: [...scopes] },
      ...(address ? { redirect_urls: [at("slack/oauth_redirect")] } : {}),
    },
    settings: {
      event_subscriptions: { bot_events: events, ...request },
      interactivity: { is_enabled: true, ...request },
      function_runtime: "remote",
      org_deploy_enabled: true,
      socket_mode_enabled: how.mode === "socket",
      token_rotation_enabled: false,
    },
  };
}

function shortcut(type: "global" | "message", name: string, callback_id: string, description: string) {
  return { name, type, callback_id, description: clip(description, 150) };
}

/** The commands behind each slash command: one, or those of a group. */
function slashCommands(commands: readonly AnyCommand[]): readonly (readonly [AnyCommand, ...AnyCommand[]])[] {
  const named = new Map<string, [AnyCommand, ...AnyCommand[]]>();
  for (const command of commands.filter(({ entry }) => entry === "typed")) {
    const others = named.get(slashName(command));
    if (others) others.push(command);
    else named.set(slashName(command), [command]);
  }
  return [...named.values()];
}

/** `should_escape: false` leaves names of members and channels in a prompt as they were typed. */
function slash([first, ...others]: readonly [AnyCommand, ...AnyCommand[]], url: { url?: string }) {
  const { group } = first;
  const hint = group ? groupUsage([first, ...others], group.name) : usage(first);
  return {
    command: slashName(first),
    ...url,
    description: clip((group ?? first).summary(textFor("en")), 2000),
    ...(hint ? { usage_hint: hint } : {}),
    should_escape: [first, ...others].some(namesPeople),
  };
}

/** `grant | limit | usage`. */
function groupUsage(commands: readonly AnyCommand[], group: string): string {
  return clip(commands.map(({ name }) => name.slice(group.length + 1)).join(" | "), 1000);
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
