import { ApiError, type ApiRequest } from "./http.ts";
import { checkMessage, refuse, storeMessage, visibleChannel } from "./messages.ts";
import { shownChannel, shownMessage } from "./shown.ts";
import type { FakeChannel, FakeState } from "./state.ts";

interface PostBody {
  readonly name?: string;
  readonly applied_tags?: readonly string[];
  readonly message?: object;
}

/** POST /channels/:id/threads, in a channel of posts */
export function startPost(state: FakeState, id: string, request: ApiRequest): unknown {
  const forum = visibleChannel(state, id);
  const { name = "", applied_tags: tags = [], message } = (request.body ?? {}) as PostBody;
  if (forum.kind !== "forum" && forum.kind !== "media") refuse(state, [`a post in a channel of type ${forum.kind}`]);
  if (!forum.may.send) throw new ApiError(403, 50013, "Missing Permissions");
  if (name.length < 1 || name.length > 100) refuse(state, [`a thread's name of ${name.length} characters`]);
  if (!message) refuse(state, ["a post without a message"]);
  checkTags(state, forum, tags);
  const inner = { ...request, body: message };
  checkMessage(state, inner);
  const thread: FakeChannel = {
    ...{ id: state.snowflake(), kind: "thread", guild: forum.guild, parent: forum, nsfw: forum.nsfw, deleted: false },
    ...{ may: { ...forum.may }, name, owner: state.botId, applied: tags },
  };
  state.channels.set(thread.id, thread);
  const first = storeMessage(state, { id: thread.id, channel: thread, author: state.botId, ephemeral: false }, inner);
  return { ...shownChannel(thread), message: shownMessage(state, first) };
}

function checkTags(state: FakeState, { tags: known = [], requiresTag }: FakeChannel, tags: readonly string[]): void {
  if (tags.length > 5) refuse(state, [`${tags.length} tags on a post`]);
  if (requiresTag && tags.length === 0) {
    throw new ApiError(400, 40067, "A tag is required to create a forum post in this channel");
  }
  for (const tag of tags) {
    const found = known.find(({ id }) => id === tag);
    if (!found) refuse(state, [`a tag ${tag} that the forum has not`]);
    if (found?.moderated) throw new ApiError(403, 50013, "Missing Permissions");
  }
}

/** PATCH /channels/:id: a thread is opened again. */
export function patchChannel(state: FakeState, [id = ""]: readonly string[], { body }: ApiRequest): unknown {
  const thread = visibleChannel(state, id);
  if (thread.kind !== "thread" || JSON.stringify(body) !== JSON.stringify({ archived: false })) {
    refuse(state, [`a change of a ${thread.kind}: ${JSON.stringify(body)}`]);
  }
  if (thread.locked || !thread.may.send) throw new ApiError(403, 50013, "Missing Permissions");
  thread.archived = false;
  return shownChannel(thread);
}

/** GET /guilds/:id/threads/active */
export function activeThreads(state: FakeState, [id = ""]: readonly string[]): unknown {
  const threads = [...state.channels.values()].filter(
    ({ kind, guild, archived, deleted, may }) =>
      kind === "thread" && guild?.id === id && !archived && !deleted && may.view,
  );
  return { threads: threads.map(shownChannel), members: [] };
}
