import type { Json, SlackFile, SlackState } from "./state.ts";

type Answer = Json | { readonly error: string };

export function getUploadUrl(slack: SlackState, body: Json, origin: string): Answer {
  const id = `F${String(slack.count()).padStart(9, "0")}`;
  const file: SlackFile = {
    id,
    filename: String(body.filename),
    length: Number(body.length),
    ...(body.alt_text === undefined ? {} : { alt: String(body.alt_text) }),
    completed: 0,
    notReadyFor: slack.filesNotReadyFor,
  };
  if (!(file.length > 0)) slack.violation("an upload does not say how long it is");
  if ((file.alt ?? "").length > 1000) slack.violation("the description of a file has more than 1,000 characters");
  slack.files.set(id, file);
  return { upload_url: `${origin}/upload/${id}`, file_id: id };
}

/** Images are shown by messages; what is no image may be shared below a message of the app. */
export function completeUpload(slack: SlackState, body: Json): Answer {
  const { channel_id, thread_ts } = body;
  for (const { id } of JSON.parse(String(body.files)) as { id: string }[]) {
    const file = slack.files.get(id);
    if (!file?.bytes) slack.violation("an upload is completed before its bytes are there");
    if (!file) return { error: "file_not_found" };
    file.completed++;
    if (channel_id === undefined) continue;
    if (!slack.channels.get(String(channel_id))) return { error: "not_in_channel" };
    if (!String(channel_id).startsWith("D")) slack.violation("an upload is shared in a channel");
    file.shared = { channel: String(channel_id), thread: String(thread_ts) };
  }
  return { files: [] };
}

export function fileInfo(slack: SlackState, body: Json, origin: string): Answer {
  const id = String(body.file);
  const facts = slack.fileFacts.get(id);
  if (facts) return "error" in facts ? facts : { file: { ...memberFile(origin, id), ...facts } };
  if (slack.uploads.has(id)) return { file: memberFile(origin, id) };
  const file = slack.files.get(id);
  if (!file) return { error: "file_not_found" };
  const ready = file.completed > 0 && file.notReadyFor-- <= 0;
  const shares = ready && file.shared ? { private: { [file.shared.channel]: [{ ts: file.shared.thread }] } } : {};
  return { file: { id: file.id, name: file.filename, mimetype: ready ? mimetypeOf(file) : "", shares } };
}

/** A member's file as events name it; its id is its name. */
export function memberFile(origin: string, name: string): Json {
  const url = `${origin}/files/${name}`;
  return { id: name, name, mimetype: "image/png", filetype: "png", url_private: url, url_private_download: url };
}

/** Can it be seen in an image block? Slack finishes it some time after it was completed. */
export function isShowable(file: SlackFile | undefined): boolean {
  return file !== undefined && file.completed > 0 && file.notReadyFor < 0 && /png|jpeg|gif/.test(mimetypeOf(file));
}

function mimetypeOf({ bytes }: SlackFile): string {
  if (bytes?.subarray(0, 4).toString("latin1") === "GIF8") return "image/gif";
  if (bytes?.subarray(1, 4).toString("latin1") === "PNG") return "image/png";
  if (bytes?.[0] === 0x7b) return "application/json";
  return bytes?.[0] === 0xff ? "image/jpeg" : "application/octet-stream";
}
