import { expect, test } from "vitest";
import type { FakeMessage } from "../support/discord/discord.ts";
import { stages } from "./discord-stage.ts";

const stage = stages();

test("acknowledges 200 interactions that come within a second, while four jobs run", async () => {
  const { discord, service, ...wait } = stage();
  service.answerNext(...Array.from({ length: 4 }, () => ({ kind: "hang" }) as const));
  for (let member = 0; member < 4; member += 1)
    discord.command(discord.user(`artist ${member}`), "imagine", { prompt: "a" });
  await service.arrived(4);
  const storm = Array.from({ length: 200 }, (_, index) => {
    const user = discord.user(`member ${index}`);
    return index % 2 ? discord.command(user, "credits") : discord.command(user, "imagine", { prompt: "a red bicycle" });
  });
  await discord.until(() => storm.every(({ ackMs }) => ackMs !== undefined), "200 acknowledgements");
  await discord.until(() => storm.every(({ reply }) => reply && !reply.thinking), "200 answers");
  expect(discord.requests.filter(({ path, status }) => path.endsWith("callback") && status !== 204)).toEqual([]);
  service.release();
  await wait.results(5);
}, 60_000);

test("loses nothing when the connection is cut in the middle: what was asked meanwhile comes, once", async () => {
  const { discord, service, ...wait } = stage();
  const ann = discord.user("Ann");
  service.answerNext({ kind: "hang" });
  const running = discord.command(ann, "imagine", { prompt: "before" });
  await service.arrived(1);
  discord.gateway.drop();
  await discord.until(() => discord.gateway.connected === 0, "the cut");
  const meanwhile = discord.command(discord.user("Ben"), "imagine", { prompt: "meanwhile" });
  const said = discord.say(discord.user("Cat"), `${discord.mention} a cat`);
  await wait.says(meanwhile, "credits");
  service.release();
  await wait.says(running, "Done");
  await wait.results(3);
  await wait.answer(said, "a cat");
  expect(service.requests.map(({ fields }) => fields.prompt).toSorted()).toEqual(["a cat", "before", "meanwhile"]);
  expect(discord.gateway.resumes).toBe(1);
});

test.each([
  ["that tries to ping and to format", "@everyone <@&1> <#1> **bold** [x](http://evil.example) `code` ```block```"],
  ["of 6,000 characters", "word ".repeat(1200).trim()],
  ["of emoji alone", "🚲👩‍👩‍👧‍👦".repeat(450)],
  ["with characters that disguise", "\u202eesrever\u0000 zalg\u0301\u0302\u0303o"],
])("echoes a prompt %s safely everywhere, and cuts it where a reader would", async (_, prompt) => {
  const { discord, service, ...wait } = stage();
  const ann = discord.user("Ann");
  service.answerNext({ kind: "b64" }, { kind: "error" });
  await wait.says(discord.command(ann, "imagine", { prompt }), "Done");
  const [result] = (await wait.results(1)) as [FakeMessage];
  const failed = discord.command(ann, "imagine", { prompt });
  await wait.says(failed, "not charged");
  const listed = discord.command(ann, "history");
  await wait.says(listed, "Your images");
  const asked = discord.say(ann, `${prompt.slice(0, 1500)} --n 1`, { replyTo: result });
  await wait.answer(asked, "credits");
  for (const { content } of [result, failed.reply, listed.reply] as FakeMessage[]) {
    expect(content.length).toBeLessThanOrEqual(4000);
    for (const disguise of ["\u202e", "\u0000", "\ufffd"]) expect(content).not.toContain(disguise);
    const open = content.replace(/```[\s\S]*?```/g, "").replace(/^<@\d+>/, "");
    expect(open).not.toMatch(/(?<!\\)(@everyone|<@&|\*\*bold|\[x\])/);
  }
});
