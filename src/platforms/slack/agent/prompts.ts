import { textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";

/** Slack shows at most four (docs.slack.dev: `assistant.threads.setSuggestedPrompts`). */
const mostPrompts = 4;

/**
 * Suggests prompts in the language of a member who opens the conversation with the app. For an agent they belong to the
 * conversation: with a thread, Slack would drop them without a word. Never throws.
 */
export async function suggestPrompts(
  { workspaces, members, sessions, options }: SlackContext,
  { team, user, channel }: { readonly team: string; readonly user: string; readonly channel: string },
): Promise<void> {
  await sessions.asAgent(team, async () => {
    const { locale = options.locale } = await members.facts(team, user);
    const { promptsTitle: title, prompts } = textFor(locale).slack.agent;
    await workspaces.call(team, { method: "assistant.threads.setSuggestedPrompts" }, (client) =>
      client.assistant.threads.setSuggestedPrompts({
        channel_id: channel,
        title,
        prompts: prompts.slice(0, mostPrompts).map((prompt) => ({ ...prompt })),
      }),
    );
  });
}
