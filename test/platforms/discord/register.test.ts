import { expect, test } from "vitest";
import { commands } from "../../../commands/index.ts";
import { createApi } from "../../../src/platforms/discord/api.ts";
import { register } from "../../../src/platforms/discord/register.ts";
import { renderRegistration } from "../../../src/platforms/discord/registration.ts";
import { openRoom } from "./room.ts";

async function puts() {
  const { discord } = await openRoom({ started: false });
  const api = createApi({ token: discord.token, apiUrl: discord.url });
  const sent = () => discord.requests.filter(({ method }) => method === "PUT").map(({ path }) => path);
  return { discord, api, sent };
}

test("registers once, and sends nothing at the next start", async () => {
  const { discord, api, sent } = await puts();
  expect(await register(api, renderRegistration(commands))).toBe(true);
  expect(await register(api, renderRegistration(commands))).toBe(false);
  expect(sent()).toEqual([`/applications/${discord.state.applicationId}/commands`]);
  expect(discord.violations).toEqual([]);
});

test("registers again when a command changed in any language", async () => {
  const { api, sent } = await puts();
  const wanted = renderRegistration(commands);
  await register(api, wanted);
  const changed = wanted.map((each) => ({ ...each, description_localizations: { "zh-CN": "别的" } }));
  expect(await register(api, changed)).toBe(true);
  const fewer = changed.map((each) => ({ ...each, options: each.options?.slice(0, 2) ?? [] }));
  expect(await register(api, fewer)).toBe(true);
  expect(sent()).toHaveLength(3);
});

test("registers in one guild alone when asked, and idempotently there too", async () => {
  const { discord, api, sent } = await puts();
  await register(api, renderRegistration(commands), "1300000000000000000");
  await register(api, renderRegistration(commands), "1300000000000000000");
  expect(sent()).toEqual([`/applications/${discord.state.applicationId}/guilds/1300000000000000000/commands`]);
  expect([...discord.state.commands.values()].flat()[0]).not.toHaveProperty("contexts");
});
