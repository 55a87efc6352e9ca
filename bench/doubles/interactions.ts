/** Interactions as Discord's gateway sends them. */
export const application = "1100000000000000002";
export const channel = "1200000000000000001";
const guild = "1200000000000000002";
const usualUploadBytes = 10_485_760;

let ids = 1_300_000_000_000_000_000n;

export function nextId(): string {
  ids += 1n;
  return String(ids);
}

function interaction(user: string, name: string, options: readonly object[], uploadBytes = usualUploadBytes) {
  const id = nextId();
  const person = { id: user, username: `member-${user}`, discriminator: "0", global_name: null, avatar: null };
  const member = { user: person, roles: [], joined_at: "2026-01-01T00:00:00Z", deaf: false, mute: false, flags: 0 };
  return {
    ...{ id, token: `token-${id}`, application_id: application, type: 2, version: 1, entitlements: [], context: 0 },
    data: { id: "1200000000000000000", name, type: 1, options },
    ...{ guild_id: guild, channel_id: channel, channel: { id: channel, type: 0, guild_id: guild } },
    member: { ...member, permissions: "2147483647" },
    ...{ locale: "en-US", guild_locale: "en-US", app_permissions: "2147483647", attachment_size_limit: uploadBytes },
    authorizing_integration_owners: { 0: guild },
  };
}

export function imagine(user: string, count: number, uploadBytes?: number) {
  const options = [
    { name: "prompt", type: 3, value: "a red bicycle" },
    { name: "size", type: 3, value: "3840x2160" },
    { name: "quality", type: 3, value: "low" },
    { name: "count", type: 4, value: count },
  ];
  return interaction(user, "imagine", options, uploadBytes);
}

/** The cheapest image, for a member of one of many servers. */
export function imagineSmall(user: string, server: number) {
  const options = [
    { name: "prompt", type: 3, value: "a red bicycle" },
    { name: "size", type: 3, value: "1024x1024" },
    { name: "quality", type: 3, value: "low" },
  ];
  const guild_id = String(1_250_000_000_000_000_000n + BigInt(server));
  const channel_id = String(1_260_000_000_000_000_000n + BigInt(server));
  const place = { guild_id, channel_id, channel: { id: channel_id, type: 0, guild_id } };
  return { ...interaction(user, "imagine", options), ...place, authorizing_integration_owners: { 0: guild_id } };
}

export function help(user: string) {
  return interaction(user, "help", []);
}

/** From then on they spend any sum without being asked. */
export function settings(user: string) {
  return interaction(user, "settings", [{ name: "confirm", type: 4, value: 1_000_000 }]);
}
