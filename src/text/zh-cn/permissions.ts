import type { ChannelPermission } from "../../errors.ts";

/** Names permissions as Discord does in Chinese. */
export const permissionNames: Readonly<Record<ChannelPermission, string>> = {
  view: "查看频道",
  send: "发送消息",
  threads: "在子区内发送消息",
  attach: "上传文件",
};
