import { Refusal, type RefusalFacts } from "../../../errors.ts";
import type { IncomingImage } from "../../../image.ts";
import { belongsToSlack } from "../api/client.ts";
import { codeOf } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";

/** A member's file as Slack's events name it; of files shared from other workspaces they tell the id alone. */
export interface SlackFile {
  readonly id?: string | undefined;
  readonly name?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly mimetype?: string | null | undefined;
  readonly mode?: string | undefined;
  readonly is_external?: boolean | undefined;
  readonly file_access?: string | undefined;
  readonly url_private?: string | undefined;
  readonly url_private_download?: string | undefined;
  /** Who sent it, and whether it is in a public channel; Slack says so when it is asked. */
  readonly user?: string | undefined;
  readonly is_public?: boolean | undefined;
}

type Unavailable = RefusalFacts["image-unavailable"]["why"];

/** A member's file, to be fetched with the app's token; only Slack's own hosts are ever given that token. */
export function incomingImage(token: string, apiUrl: string, file: SlackFile): IncomingImage {
  const why = whyUnavailable(file);
  if (why) throw unavailable(file, why);
  const url = file.url_private_download ?? file.url_private ?? "";
  const authorized = { authorization: `Bearer ${token}`, authorizedFor: new URL(apiUrl).origin };
  return { filename: nameOf(file), source: { url, ...(belongsToSlack(url, apiUrl) ? authorized : {}) } };
}

/** Does Slack call it an image, or nothing at all? It goes by the name; the bytes are looked at when it is fetched. */
export function mayBeImage({ mimetype }: SlackFile): boolean {
  return !mimetype || mimetype.startsWith("image/") || mimetype === "application/octet-stream";
}

export function nameOf({ name, title, id }: SlackFile): string {
  return name || title || id || "?";
}

/**
 * With their addresses, which Slack is asked for where an event did not tell them. Each is either there, to be judged by
 * its content, or refused by its name. Throws Refusal `image-unavailable`, and what the Web API throws.
 */
export async function incomingImages(
  slack: SlackContext,
  team: string,
  files: readonly SlackFile[],
): Promise<readonly IncomingImage[]> {
  const token = await slack.workspaces.token(team);
  const found: IncomingImage[] = [];
  for (const file of files) {
    const known = isKnown(file) ? file : { ...file, ...(await askFor(slack, team, file)) };
    found.push(incomingImage(token, slack.options.apiUrl, known));
  }
  return found;
}

/** Slack wants to be asked about a file from another workspace; one without an id is an address in a message. */
function isKnown(file: SlackFile): boolean {
  const { id, url_private, url_private_download, file_access } = file;
  const asked = file_access === "check_file_info" || !(url_private || url_private_download);
  return id === undefined || whyClosed(file) !== undefined || !asked;
}

/** Asks Slack about a file. Throws Refusal `image-unavailable`, and what the Web API throws. */
export async function askFor({ workspaces }: SlackContext, team: string, file: SlackFile): Promise<SlackFile> {
  const { id = "" } = file;
  try {
    const { file: known } = await workspaces.call(team, { method: "files.info" }, (client) =>
      client.files.info({ file: id }),
    );
    return { file_access: undefined, ...known };
  } catch (error) {
    const why = reasons[codeOf(error) ?? ""];
    throw why ? unavailable(file, why) : error;
  }
}

/** Reasons by Slack's answers to the question for a file. */
const reasons: Readonly<Record<string, Unavailable>> = {
  file_not_found: "unseen", // also of a file in a conversation that the app is not in
  file_deleted: "deleted",
  access_denied: "denied",
  not_visible: "denied",
  no_permission: "denied",
  team_access_not_granted: "denied",
  ekm_access_denied: "denied",
  slack_connect_blocked_file_type: "denied",
  missing_scope: "scope",
};

/** Does the file itself tell that it is not there? */
export function isClosed(file: SlackFile): boolean {
  return whyClosed(file) !== undefined;
}

/** Throws Refusal `image-unavailable` when the file itself tells that it is not there. */
export function refuseClosed(file: SlackFile): void {
  const why = whyClosed(file);
  if (why) throw unavailable(file, why);
}

function whyUnavailable(file: SlackFile): Unavailable | undefined {
  const closed = whyClosed(file);
  if (closed) return closed;
  return file.url_private || file.url_private_download ? undefined : "denied";
}

/** As the file itself tells, without asking. */
function whyClosed({ mode, is_external, file_access }: SlackFile): Unavailable | undefined {
  if (mode === "tombstone" || file_access === "file_not_found" || file_access === "file_deleted") return "deleted";
  if (mode === "hidden_by_limit") return "hidden";
  if (mode === "external" || is_external) return "external";
  return file_access === "access_denied" ? "denied" : undefined;
}

function unavailable(file: SlackFile, why: Unavailable): Refusal {
  return new Refusal("image-unavailable", { filename: nameOf(file), why });
}
