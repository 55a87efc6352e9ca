import type { ChannelPermission } from "../../errors.ts";

/** Names permissions as Discord does. */
export const permissionNames: Readonly<Record<ChannelPermission, string>> = {
  view: "View Channel",
  send: "Send Messages",
  threads: "Send Messages in Threads",
  attach: "Attach Files",
};
