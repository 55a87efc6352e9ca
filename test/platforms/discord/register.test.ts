import { expect, test } from "vitest";
import { commands } from "../../../commands/index.ts";
import { register } from "../../../src/platforms/discord/registration/register.ts";
import { renderRegistration } from "../../../src/platforms/discord/registration/registration.ts";
import { createApi } from "../../../src/platforms/discord/rest/api.ts";
import { testLog, testWorld } from "../../support/world.ts";
import { openRoom } from "./test-platform.ts";

async function puts() {
  const { discord } = await openRoom({ started: false });
  const api = createApi(
    { token: discord.token, apiUrl: discord.url },
    { world: testWorld(), log: testLog(), mayPost: () => undefined },
  );
  const sent = () => discord.requests.filter(({ method }) => method === "PUT").map(({ path }) => path);
  return { discord, api, sent };
}

test("registers once, and sends nothing at the next start", async () => {
  const { discord, api, sent } = await puts();
  expect(await register(api, discord.state.applicationId, renderRegistration(commands))).toBe(true);
  expect(await register(api, discord.state.applicationId, renderRegistration(commands))).toBe(false);
  expect(sent()).toEqual([`/applications/${discord.state.applicationId}/commands`]);
  expect(discord.violations).toEqual([]);
});

test("registers again when a command changed in any language", async () => {
  const { discord, api, sent } = await puts();
  const wanted = renderRegistration(commands);
  await register(api, discord.state.applicationId, wanted);
  const changed = wanted.map((each) =>
    "description" in each ? { ...each, description_localizations: { "zh-CN": "别的" } } : each,
  );
  expect(await register(api, discord.state.applicationId, changed)).toBe(true);
  const fewer = changed.slice(1);
  expect(await register(api, discord.state.applicationId, fewer)).toBe(true);
  expect(sent()).toHaveLength(3);
});

test("registers in one guild alone when asked, and idempotently there too", async () => {
  const { discord, api, sent } = await puts();
  await register(api, discord.state.applicationId, renderRegistration(commands), "1300000000000000000");
  await register(api, discord.state.applicationId, renderRegistration(commands), "1300000000000000000");
  expect(sent()).toEqual([`/applications/${discord.state.applicationId}/guilds/1300000000000000000/commands`]);
  expect([...discord.state.commands.values()].flat()[0]).not.toHaveProperty("contexts");
});
