import type { IncomingImage } from "../../../image.ts";
import { belongsToSlack } from "../api/client.ts";
import type { SlackContext } from "../context.ts";

/** A member's file as Slack's events name it; of files shared from other workspaces they tell the id alone. */
export interface SlackFile {
  readonly id?: string | undefined;
  readonly name?: string | null | undefined;
  readonly mimetype?: string | undefined;
  readonly url_private?: string | undefined;
  readonly url_private_download?: string | undefined;
}

/** A member's file, to be fetched with the app's token; only Slack's own hosts are ever given that token. */
export function incomingImage(token: string, apiUrl: string, file: SlackFile): IncomingImage {
  const url = file.url_private_download ?? file.url_private ?? ""; // files kept outside of Slack have only the latter
  const authorization = belongsToSlack(url, apiUrl) ? { authorization: `Bearer ${token}` } : {};
  return { filename: file.name ?? file.id ?? "?", source: { url, ...authorization } };
}

/** May it be an image? Slack goes by the name; the bytes are looked at later. */
export function isImage({ mimetype = "" }: SlackFile): boolean {
  return mimetype === "" || mimetype.startsWith("image/");
}

/** With their addresses, which Slack is asked for where an event did not tell them. Throws what the Web API throws. */
export async function incomingImages(
  slack: SlackContext,
  team: string,
  files: readonly SlackFile[],
): Promise<readonly IncomingImage[]> {
  const { workspaces, options } = slack;
  const token = await workspaces.token(team);
  const found: IncomingImage[] = [];
  for (const file of files) {
    const told = file.url_private || !file.id ? file : await askFor(slack, team, file.id);
    if (isImage(told)) found.push(incomingImage(token, options.apiUrl, told));
  }
  return found;
}

async function askFor({ workspaces }: SlackContext, team: string, file: string): Promise<SlackFile> {
  const { file: told } = await workspaces.call(team, { method: "files.info" }, (client) => client.files.info({ file }));
  return told ?? { id: file };
}
