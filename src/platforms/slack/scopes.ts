/** Nothing works without these; each is explained in docs/slack.md. */
const needed = ["commands", "chat:write", "files:write", "files:read"] as const;

/** Without one of these the app works, but for the one thing that stands beside it. */
const wanted = [
  "app_mentions:read", // a mention asks for an image, or changes those above it
  "assistant:write", // the app is an agent: suggested prompts, and a session with Stop for each thread
  "im:history", // a direct message is a prompt
  "channels:join", // a result goes to the public channel that it was asked in
  "users:read", // the member's language, and who manages the workspace
  "usergroups:read", // credits and permissions by user group
] as const;

/** Everything that the manifest asks for, and not one more. */
export const scopes: readonly string[] = [...needed, ...wanted];

/** The scopes that Slack has not granted. */
export function missingIn(granted: readonly string[]): { needed: string[]; wanted: string[] } {
  const lacks = (scope: string) => !granted.includes(scope);
  return { needed: needed.filter(lacks), wanted: wanted.filter(lacks) };
}
