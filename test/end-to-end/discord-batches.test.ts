import { expect, test } from "vitest";
import type { FakeInteraction, FakeMessage } from "../support/discord/discord.ts";
import { stages } from "./discord-stage.ts";

const stage = stages();
const written = "{red, blue} bicycle in {rain, snow}";
const moderated = {
  kind: "error" as const,
  status: 400,
  body: { error: { code: "content_policy_violation", type: "invalid_request_error", message: "declined" } },
};

/** The bot's messages in the channel that have not been deleted. */
const own = () =>
  stage()
    .discord.messages(stage().discord.general)
    .filter(({ author }) => author === stage().discord.state.botId);

async function asked(prompt = written, values: Record<string, string | number> = {}): Promise<FakeInteraction> {
  const { discord } = stage();
  const command = discord.command(discord.user("Ann"), "imagine", { prompt, ...values });
  await discord.until(() => command.reply?.content.includes("in all"), "the question");
  return command;
}

const questionOf = ({ reply }: FakeInteraction) => reply as FakeMessage;

async function filled(count: number): Promise<FakeMessage> {
  const { discord } = stage();
  return discord.until(
    () => own().find(({ attachments }) => attachments.length === count),
    `a message with ${count} images`,
  );
}

test("a batch is asked about with all of its prompts, and fills one message; its images are edited by their number", async () => {
  const { discord, service, bot } = stage();
  const command = await asked();
  const { content } = questionOf(command);
  for (const prompt of ["red bicycle in rain", "red bicycle in snow", "blue bicycle in rain", "blue bicycle in snow"]) {
    expect(content).toContain(prompt);
  }
  expect(content).toContain("at most 500 credits in all");
  expect(own()).toEqual([]);
  const [ann, ben] = [command.user, discord.user("Ben")];
  const stranger = discord.press(ben, questionOf(command), "Yes, for at most 500 credits");
  await discord.until(
    () => stranger.followUps.some((each) => each.content.includes("Only the person who asked")),
    "a refusal",
  );
  discord.press(ann, questionOf(command), "Yes, for at most 500 credits");
  discord.press(ann, questionOf(command), "Yes, for at most 500 credits");
  const message = await filled(4);
  await discord.until(() => questionOf(command).content.includes("4 of 4 drawn"), "the end");
  expect(own()).toEqual([message]);
  expect(message.content).toContain(written);
  await discord.until(() => /blue bicycle in snow.*125 credits/.test(message.content), "the price of the last part");
  expect(service.requests.map(({ fields }) => fields.prompt)).toHaveLength(4);
  expect(bot.lines.filter(({ msg }) => msg === "delivered").every(({ state }) => state === "delivered")).toBe(true);

  const unsaid = discord.say(ann, "make it green", { replyTo: message });
  await stage().answer(unsaid, "Begin with the number");
  const third = discord.say(ann, "3: make it green", { replyTo: message });
  await discord.until(
    () => own().find(({ replyTo, attachments }) => replyTo === third && attachments.length === 1),
    "edit",
  );
  expect(service.requests.at(-1)).toMatchObject({ path: "/api/v1/images/edits", fields: { prompt: "make it green" } });

  const history = discord.command(ann, "history");
  const list = await stage().says(history, "Your images");
  expect(list.match(/bicycle/g)).toHaveLength(1);
  expect(list).toContain("4 prompts");
});

test("a declined part is named in the message and costs nothing; a message that was deleted is made anew with all images", async () => {
  const { discord, service } = stage();
  service.answerNext({ kind: "data-uri" }, moderated, { kind: "data-uri" }, { kind: "hang" });
  const command = await asked();
  discord.press(command.user, questionOf(command), "Yes, for at most 500 credits");
  const message = await filled(2);
  await discord.until(() => message.content.includes("safety system"), "the declined part");
  const { messages } = discord.state;
  messages.splice(messages.indexOf(message), 1); // somebody deletes it
  await service.arrived(4);
  service.release();
  const anew = await filled(3);
  expect(anew).not.toBe(message);
  await discord.until(() => questionOf(command).content.includes("3 of 4 drawn"), "the end");
  const credits = discord.command(command.user, "credits");
  await stage().says(credits, "99,625 credits available");
});
