import { expect, test } from "vitest";
import { openRoom } from "./test-platform.ts";

const prompt = (room: Awaited<ReturnType<typeof openRoom>>) => room.usecases.asked.at(-1)?.draft?.prompt;

test("gives the model names in the place of Discord's markup, from a message and from a command", async () => {
  const room = await openRoom();
  const { discord } = room;
  const [ana, ben] = [discord.user("ana"), discord.user("ben")];
  discord.state.roles.push({ id: "130000000000000001", name: "Painters" });
  const words = [
    `<@${ben.id}> and <@!${ben.id}> of <@&130000000000000001> in <#${discord.general.id}>`,
    "with <:happy_cat:130000000000000002> and <a:wave:130000000000000003> at <t:0:R>, </imagine:130000000000000004>",
  ].join(" ");
  const read = "@ben and @ben of @Painters in #general with happy cat and wave at Thu, 01 Jan 1970 00:00:00, /imagine";
  discord.say(ana, `${discord.mention} ${words}`);
  await discord.until(() => room.usecases.asked.length === 1, "the job");
  expect(prompt(room)).toBe(read);
  await room.reads(discord.command(ana, "imagine", { prompt: words }), "Waiting");
  expect(prompt(room)).toBe(read);
  for (const { draft } of room.usecases.asked) {
    expect(draft?.plainWords).toEqual(expect.arrayContaining(["@ben", "@Painters", "#general", "happy cat"]));
  }
  expect(discord.violations).toEqual([]);
});

test("asks Discord for a name once, and for no more than ten of one prompt", async () => {
  const room = await openRoom();
  const { discord } = room;
  const crowd = Array.from({ length: 30 }, (_, index) => discord.user(`user${index}`));
  const words = crowd.map(({ id }) => `<@${id}>`).join(" ");
  for (let time = 0; time < 2; time += 1) {
    await room.reads(discord.command(discord.user("ana"), "imagine", { prompt: words }), "Waiting");
  }
  expect(discord.requests.filter(({ path }) => /^\/users\/\d+$/.test(path))).toHaveLength(10);
  expect(prompt(room)).toContain("@user9 @someone");
});

test("tells no name of another server, and no id of what it cannot name", async () => {
  const room = await openRoom();
  const { discord } = room;
  const secret = discord.channel(discord.guild());
  const words = `<#${secret.id}> <@&130000000000000009> <@130000000000000008> <id:guide>`;
  await room.reads(discord.command(discord.user("ana"), "imagine", { prompt: words }), "Waiting");
  expect(prompt(room)).toBe("#channel @someone @someone guide");
});

test("leaves what is no markup as it is, and reads no name as an option", async () => {
  const room = await openRoom();
  const { discord } = room;
  const [ana, odd] = [discord.user("ana"), discord.user("4k")];
  const words = `a < b > c <3 <@> <#x> ${discord.mention}, <:4k:130000000000000002> <@${odd.id}>`;
  discord.say(ana, words);
  await discord.until(() => room.usecases.asked.length === 1, "the job");
  expect(room.usecases.asked.at(-1)?.draft).toMatchObject({ prompt: "a < b > c <3 <@> <#x>  , 4k @4k" });
  expect(room.usecases.asked.at(-1)?.draft?.size).toBeUndefined();
});
