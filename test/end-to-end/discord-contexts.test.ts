import { describe, expect, test } from "vitest";
import type { FakeChannel, FakeInteraction, FakeMessage } from "../support/discord/discord.ts";
import { buttonsOf } from "../support/discord/member.ts";
import type { FakeUser } from "../support/discord/state.ts";
import { photograph, stages } from "./discord-stage.ts";

const low = { quality: "low" } as const;

describe("where only the member brought the bot along", () => {
  const stage = stages();
  const foreign = (externalApps = true) => stage().discord.channel(stage().discord.guild(false, { externalApps }));
  const places: readonly [string, () => FakeChannel][] = [
    ["a foreign server", foreign],
    ["a group chat", () => stage().discord.channel()],
  ];

  /** Discord refused nothing: whatever the bot asks for in vain counts towards a ban. */
  const refusals = () => stage().discord.requests.filter(({ status }) => status === 401 || status === 403);

  test.each(places)("an image is made, edited and paid for in %s", async (_, open) => {
    const { discord } = stage();
    const [ann, channel] = [discord.user("Ann"), open()];
    const command = discord.command(ann, "imagine", { prompt: "a fox", ...low }, { channel });
    const [message] = await discord.until(() => withImages(discord.messages(channel), 1), "the image");
    expect(command.followUps).toEqual([message]);
    await stage().says(command, "Done");
    const edit = discord.choose(ann, message as FakeMessage, "Edit image");
    await discord.until(() => edit.modal, "the form");
    discord.submitModal(ann, edit, { prompt: "make it blue" });
    await discord.until(() => withImages(discord.messages(channel), 2), "the edited image");
    await stage().says(discord.command(ann, "credits", {}, { channel }), "99,750 credits available");
    expect(refusals()).toEqual([]);
  });

  test.each(places)("a photograph of somebody else is edited in %s", async (_, open) => {
    const { discord } = stage();
    const channel = open();
    const photo = discord.say(discord.user("Ben"), "", { channel, files: [await photograph("cat.png")] });
    const ann = discord.user("Ann");
    const edit = discord.choose(ann, photo, "Edit image");
    await discord.until(() => edit.modal, "the form");
    discord.submitModal(ann, edit, { prompt: "make it blue" });
    await discord.until(() => ofBot(withImages(discord.messages(channel), 2)), "the edited image");
    expect(refusals()).toEqual([]);
  });

  test.each(places)(
    "a batch fills one message for everybody in %s, and goes on in a second one where it is full",
    async (_, open) => {
      const { discord } = stage();
      const [ann, channel] = [discord.user("Ann"), open()];
      const command = await batch(ann, "{a, b, c, d, e, f, g, h, i, j, k, l} fox", { channel });
      const counts = () => withImages(discord.messages(channel), 2)?.map(({ attachments }) => attachments.length);
      await discord.until(() => counts()?.join() === "10,2", "twelve images");
      await discord.until(() => command.reply?.content.includes("12 of 12"), "the end");
      expect(discord.messages(discord.direct(ann))).toEqual([]);
      expect(refusals()).toEqual([]);
      await stage().says(discord.command(ann, "credits", {}, { channel }), "98,500 credits available");
    },
  );

  test("the owner describes an image in a foreign server by the interaction alone", async () => {
    const { discord } = stage();
    const [ann, channel] = [discord.user("Ann"), foreign()];
    discord.command(ann, "imagine", { prompt: "a fox", ...low }, { channel });
    const [message] = (await discord.until(() => withImages(discord.messages(channel), 1), "the image")) as [
      FakeMessage,
    ];
    const form = await formOf(ann, message);
    const sent = discord.submitModal(ann, form, { [partOf(form)]: "A fox asleep", hidden: "true" });
    await discord.until(() => sent.followUps.some(({ content }) => content.includes("Changed")), "the word");
    expect(message.attachments[0]).toMatchObject({ description: "A fox asleep", spoiler: true });
    expect(refusals()).toEqual([]);
  });

  test("a server that allows no external apps lets the member alone see everything", async () => {
    const { discord } = stage();
    const [ann, channel] = [discord.user("Ann"), foreign(false)];
    const command = discord.command(ann, "imagine", { prompt: "a fox", ...low }, { channel });
    const [shown] = await discord.until(() => withImages(command.followUps, 1), "the image");
    expect(shown?.ephemeral).toBe(true);
    expect(discord.messages(channel)).toEqual([]);
    await stage().says(command, "Done");
    expect(refusals()).toEqual([]);
  });

  async function batch(user: FakeUser, prompt: string, where: { channel: FakeChannel }): Promise<FakeInteraction> {
    return accepted(stage().discord, user, { prompt, ...low }, where);
  }

  async function formOf(user: FakeUser, message: FakeMessage): Promise<FakeInteraction> {
    const { discord } = stage();
    const pressed = discord.press(user, message, "Describe");
    await discord.until(() => pressed.modal ?? pressed.reply, "the form");
    return pressed.modal ? pressed : formOf(user, message);
  }
});

describe("batches in a server that has the bot", () => {
  const stage = stages();

  test("more than ten images become two messages, each with buttons; the list stands in the first", async () => {
    const { discord } = stage();
    const ann = discord.user("Ann");
    await accepted(discord, ann, { prompt: "{a, b, c} fox", count: 4, ...low });
    const own = () => withImages(discord.messages(discord.general), 2);
    const [first, second] = await discord.until(() => {
      const found = own();
      return found && found.reduce((sum, { attachments }) => sum + attachments.length, 0) === 12 && found;
    }, "twelve images");
    expect([first?.attachments.length, second?.attachments.length]).toEqual([8, 4]);
    await discord.until(() => (first?.content.match(/fox/g) ?? []).length >= 3, "the list");
    expect(buttonsOf(second as FakeMessage).map(({ label }) => label)).toEqual(
      expect.arrayContaining(["Edit 9", "Vary 12", "Save image as… 10", "Describe"]),
    );
  });

  test("a private batch is seen by its member alone, the rest of it in direct messages", async () => {
    const { discord } = stage();
    const ann = discord.user("Ann");
    const command = await accepted(discord, ann, { prompt: "{a, b, c} fox", count: 4, private: true, ...low });
    await discord.until(() => command.reply?.attachments.length === 8, "eight images");
    const direct = discord.direct(ann);
    await discord.until(() => withImages(discord.messages(direct), 1)?.[0]?.attachments.length === 4, "four more");
    expect(discord.messages(discord.general)).toEqual([]);
  });
});

describe("where the operator names the places", () => {
  const stage = stages({ ALLOWED_TENANTS: "dm" });

  test("a foreign server is refused before anything is held, direct messages are served", async () => {
    const { discord, service } = stage();
    const ann = discord.user("Ann");
    const channel = discord.channel(discord.guild(false));
    const refused = discord.command(ann, "imagine", { prompt: "a fox", ...low }, { channel });
    await stage().says(refused, "Not possible");
    expect(service.requests).toEqual([]);
    const direct = discord.direct(ann);
    discord.command(ann, "imagine", { prompt: "a fox", ...low }, { channel: direct });
    await discord.until(() => withImages(discord.messages(direct), 1), "the image");
  });
});

type Discord = ReturnType<ReturnType<typeof stages>>["discord"];

/** Asks for a batch, and says yes to its question. */
async function accepted(
  discord: Discord,
  user: FakeUser,
  values: Record<string, string | number | boolean>,
  where: { channel?: FakeChannel } = {},
): Promise<FakeInteraction> {
  const command = discord.command(user, "imagine", values, where);
  const question = await discord.until(
    () => command.reply?.content.includes("in all") && command.reply,
    "the question",
  );
  discord.press(user, question, buttonsOf(question).find(({ label }) => label.startsWith("Yes"))?.label ?? "");
  return command;
}

/** The messages that show images, once there are as many. */
function withImages(messages: readonly FakeMessage[], count: number): readonly FakeMessage[] | undefined {
  const found = messages.filter(({ attachments }) => attachments.length > 0);
  return found.length >= count ? found : undefined;
}

const ofBot = (messages: readonly FakeMessage[] | undefined) => messages?.at(-1);

function partOf({ modal }: FakeInteraction): string {
  const [part] = modal?.components ?? [];
  return part && "component" in part ? part.component.custom_id : "";
}
