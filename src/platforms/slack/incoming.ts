import type { UploadedFile } from "@slack/bolt";
import type { IncomingImage } from "../../image.ts";
import type { SlackOptions } from "./parts.ts";
import { belongsToSlack } from "./upload.ts";

/** A member's file, to be fetched with the app's token; only Slack's own hosts are ever given that token. */
export function incomingImage({ botToken, apiUrl }: SlackOptions, file: UploadedFile): IncomingImage {
  const url = file.url_private_download ?? file.url_private; // files kept outside of Slack have only the latter
  const authorization = belongsToSlack(url, apiUrl) ? { authorization: `Bearer ${botToken}` } : {};
  return { filename: file.name, source: { url, ...authorization } };
}
