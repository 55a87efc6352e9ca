import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { commands } from "../../../commands/index.ts";
import { renderManifest } from "../../../src/platforms/slack/manifest.ts";
import { scopes } from "../../../src/platforms/slack/scopes.ts";

const http = renderManifest(commands, { mode: "http", publicUrl: "https://atelier.example" });
const socket = renderManifest(commands, { mode: "socket" });

it("names every typed command, the shortcut, and the least scopes", () => {
  expect(socket.features.slash_commands.map(({ command }) => command)).toEqual([
    "/imagine",
    "/imagine-edit",
    "/imagine-history",
    "/imagine-credits",
    "/imagine-settings",
    "/imagine-style",
    "/imagine-reference",
    "/imagine-privacy",
    "/imagine-admin",
    "/imagine-approvals",
    "/imagine-help",
  ]);
  expect(socket.features.shortcuts).toMatchObject([
    { name: "Create image", type: "global", callback_id: "imagine" },
    { name: "Edit image", type: "message", callback_id: "edit" },
    { name: "Save image as…", type: "message", callback_id: "save" },
  ]);
  expect(socket.oauth_config.scopes.bot).toEqual([
    ...["commands", "chat:write", "files:write", "files:read"],
    ...["app_mentions:read", "assistant:write", "im:history", "channels:join", "users:read", "usergroups:read"],
  ]);
});

it("points Slack at the server in HTTP mode, and nowhere in Socket Mode", () => {
  expect(http.settings).toMatchObject({
    socket_mode_enabled: false,
    interactivity: { request_url: "https://atelier.example/slack/events" },
  });
  expect(http.features.slash_commands[0]).toMatchObject({ url: "https://atelier.example/slack/events" });
  expect(http.settings.event_subscriptions).toMatchObject({ request_url: "https://atelier.example/slack/events" });
  expect(http.oauth_config.redirect_urls).toEqual(["https://atelier.example/slack/oauth_redirect"]);
  expect(socket.settings.socket_mode_enabled).toBe(true);
  expect(JSON.stringify(socket)).not.toContain("url");
});

it("shows in /imagine's hint what can be typed", () => {
  expect(socket.features.slash_commands[0]?.usage_hint).toBe(
    "[prompt] [--size …] [--quality …] [--count …] [--format …] [--style …] [--provider …] [--private] " +
      "[--moderation …] [--background …] [--compression …] [--fidelity …]",
  );
});

it("asks for the events that the app takes, and a home that can be written to", () => {
  expect(socket.settings.event_subscriptions.bot_events).toEqual([
    "agent_session_stopped",
    ...["app_home_opened", "app_mention", "app_uninstalled", "function_executed", "message.im", "tokens_revoked"],
  ]);
  expect(socket.features.app_home).toEqual({
    home_tab_enabled: true,
    messages_tab_enabled: true,
    messages_tab_read_only_enabled: false,
  });
});

/** The rules of Slack's own manifest schema (slackapi/manifest-schema, v1: functions, types). */
it("declares the step for workflows as Slack's schema wants it, run by the app itself", () => {
  expect(socket.settings).toMatchObject({ function_runtime: "remote", org_deploy_enabled: true });
  expect(Object.keys(socket.functions)).toEqual(["create_image"]);
  const [step] = Object.values(socket.functions);
  expect(Object.keys(step ?? {}).toSorted()).toEqual(["description", "input_parameters", "output_parameters", "title"]);
  const typesOf = (parameters: object) =>
    Object.fromEntries(Object.entries(parameters).map(([name, { type }]) => [name, type]));
  expect(typesOf(step?.input_parameters ?? {})).toEqual({
    ...{ prompt: "string", style: "string", size: "string", quality: "string", references: "string" },
    ...{ channel: "slack#/types/channel_id", starter: "slack#/types/user_context" },
  });
  expect(typesOf(step?.output_parameters ?? {})).toEqual({
    ...{ file: "slack#/types/file_id", permalink: "string", price: "integer", job: "string" },
  });
  for (const [name, parameter] of Object.entries({ ...step?.input_parameters, ...step?.output_parameters })) {
    expect(parameter).toMatchObject({
      name,
      title: expect.stringMatching(/./),
      description: expect.stringMatching(/./),
    });
    expect(parameter.choices?.map(({ value }) => value)).toEqual(parameter.enum);
  }
  expect(step?.input_parameters.quality?.enum).toEqual(["auto", "low", "medium", "high"]);
  const required = Object.values(step?.input_parameters ?? {}).filter(({ is_required }) => is_required);
  expect(required.map(({ name }) => name)).toEqual(["prompt"]);
});

it("shows a group's commands in its hint, and is told there whom and where members name", () => {
  const admin = socket.features.slash_commands.find(({ command }) => command === "/imagine-admin");
  expect(admin?.usage_hint).toMatch(/^grant \| limit \| budget/);
  expect(admin?.should_escape).toBe(true);
  expect(socket.features.slash_commands[0]?.should_escape).toBe(false);
});

it("explains every scope in docs/slack.md", () => {
  const page = readFileSync("docs/slack.md", "utf8");
  expect(scopes.filter((scope) => !page.includes(`| \`${scope}\` |`))).toEqual([]);
});

it("keeps to Slack's limits", () => {
  const { display_information, features } = http;
  expect(display_information.name.length).toBeLessThanOrEqual(35);
  expect(display_information.description.length).toBeLessThanOrEqual(140);
  expect(features.agent_view.agent_description.length).toBeLessThanOrEqual(300);
  expect(features.agent_view.suggested_prompts.length).toBeLessThanOrEqual(4);
  expect(features).not.toHaveProperty("assistant_view");
  expect(features.shortcuts.length).toBeLessThanOrEqual(10);
  expect(features.slash_commands.length).toBeLessThanOrEqual(50);
  for (const { name, description, callback_id } of features.shortcuts) {
    expect(name.length).toBeLessThanOrEqual(24);
    expect(description.length).toBeLessThanOrEqual(150);
    expect(callback_id.length).toBeLessThanOrEqual(255);
  }
  for (const { command, description, usage_hint } of features.slash_commands) {
    expect(command).toMatch(/^\/[a-z-]{1,31}$/);
    expect(description.length).toBeLessThanOrEqual(2000);
    expect(usage_hint?.length ?? 1).toBeLessThanOrEqual(1000);
  }
});
