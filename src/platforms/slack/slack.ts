import type { Router } from "express";
import type { Platform, PlatformContext } from "../platform.ts";
import { createAgentSessions } from "./agent/sessions.ts";
import { checkAppToken, checkBotToken, checkInstallations, pingSlack } from "./api/check-tokens.ts";
import { createConnection } from "./api/connection.ts";
import { createMembers } from "./api/members.ts";
import { createStart } from "./api/start.ts";
import { createWorkspaces } from "./api/workspaces.ts";
import type { SlackContext } from "./context.ts";
import { createFormPrices } from "./events/form-prices.ts";
import { createOnce, listenToMembers } from "./events/listen.ts";
import { listenToEvents } from "./events/listen-to-events.ts";
import { createHome } from "./home/home.ts";
import { postToChannel } from "./messages/channel-message.ts";
import { deliver, tellUndeliverable } from "./messages/deliver.ts";
import { createFollowers } from "./messages/follow.ts";
import { removeMessages } from "./messages/replies.ts";
import { agentThread, type ReplyTarget } from "./messages/reply-target.ts";
import type { SlackOptions } from "./options.ts";
import { listenToSteps } from "./steps/listen-to-steps.ts";
import { stepTaker } from "./steps/step-taker.ts";

/** Slack as one of the places where the bot lives. `router` goes onto the one server, at /slack. */
export function createSlack(options: SlackOptions, context: PlatformContext): Platform & { router?: Router } {
  const { log } = context;
  const slack = createSlackContext(options, context);
  const { workspaces, home } = slack;
  const connection = createConnection(options, workspaces, context);
  const { once, idle } = createOnce(slack);
  listenToMembers(connection.app, slack, once);
  listenToEvents(connection.app, slack, once);
  listenToSteps(connection.app, slack);

  const starting = createStart(options, slack, connection);

  return {
    name: "slack",
    ...(connection.router ? { router: connection.router } : {}),
    start: () => starting.start(),
    async stop() {
      await starting.stop();
      await connection.close();
      await idle();
      await slack.followers.stop();
      await Promise.all([home.stop(), slack.sessions.stop()]);
    },
    ready: () => starting.isDone() && connection.isOpen() && !workspaces.isRevoked(),
    async ping() {
      if (workspaces.isRevoked()) throw new Error("Slack: the app was removed from its workspace.");
      const [token = options.botToken] = (await workspaces.all()).values();
      if (token) await pingSlack(token, options.apiUrl, log, token === options.botToken);
    },
    async check() {
      if (options.botToken) await checkBotToken(options.botToken, options.apiUrl, log);
      else await checkInstallations(await workspaces.all(), options.apiUrl, log);
      if (options.appToken) await checkAppToken(options.appToken, options.apiUrl, log);
    },
    deliver: (delivery) => deliver(slack, delivery),
    tellUndeliverable: (delivery) => tellUndeliverable(slack, delivery),
    ...stepTaker(slack),
    postToChannel: (message) => postToChannel(slack, message),
    eraseMessages: (messages, tenant) => removeMessages(slack, tenant.replace(/^slack:/, ""), messages),
  };
}

function createSlackContext(options: SlackOptions, context: PlatformContext): SlackContext {
  const { log, usecases, world } = context;
  const workspaces = createWorkspaces(options, context);
  const slack: SlackContext = {
    options,
    context,
    workspaces,
    members: createMembers(workspaces, context),
    followers: createFollowers({ usecases, world, log, ended: (target) => showEnded(slack, target) }),
    prices: createFormPrices(() => slack),
    home: createHome(() => slack),
    sessions: createAgentSessions(() => slack),
  };
  return slack;
}

function showEnded({ home, sessions }: SlackContext, target: ReplyTarget): void {
  home.changed(target.team, target.user);
  const thread = agentThread(target);
  if (thread) void sessions.show(thread);
}

export type { SlackOptions } from "./options.ts";
