import type { FakeChannel, FakeDiscord, FakeInteraction, FakeMessage } from "../../support/discord/discord.ts";
import { composer, drawChannel, drawMessage, later } from "./discord-channel.ts";
import { drawModal, type Known } from "./discord-parts.ts";
import { dataUrl, type Html } from "./html.ts";
import type { Picture } from "./picture.ts";

/** Draws what members of servers see on their way to the first images, and after it. */
export async function discordPictures(discord: FakeDiscord): Promise<readonly Picture[]> {
  const prompt = "layered mountains, flat colours"; // the sandbox draws nothing else
  const chinese = { locale: "zh-CN", prompt: "层层叠叠的远山", change: "换一种颜色 --size 2k --ar 16:9" };
  const [sizes, [waiting, result, edit], inEnglish, inChinese] = await Promise.all([
    offered(discord, prompt),
    made(discord, prompt),
    replied(discord, { locale: "en-US", prompt, change: "in other colours --size 2k --ar 16:9" }),
    replied(discord, chinese),
  ]);
  return [
    picture("discord-sizes", sizes),
    picture("discord-waiting", waiting),
    picture("discord-result", result),
    picture("discord-edit", edit),
    picture("discord-reply", inEnglish),
    picture("discord-reply.zh-CN", inChinese),
  ];
}

export const picture = (name: string, body: Html): Picture => ({ name, look: "discord", body });

/** The sizes that are offered while one is typed. */
async function offered(discord: FakeDiscord, prompt: string): Promise<Html> {
  const size = "16:9";
  const typing = discord.type(discord.user("Ann"), "imagine", "size", size, { others: { prompt } });
  const choices = await seen(discord, () => typing.choices, "sizes");
  return drawChannel([], composer("/imagine", { prompt, size }, choices));
}

/** An image on its way: behind another of the same member, in the making, posted; and the form that changes it. */
async function made(discord: FakeDiscord, prompt: string): Promise<readonly [Html, Html, Html]> {
  const ann = discord.user("Ann");
  const ask = (words: string) => discord.command(ann, "imagine", { prompt: words, size: "1536x1024" });
  await says(discord, ask("a paper boat"), "Drawing");
  const asked = ask(prompt);
  const look = async (...words: string[]) =>
    drawMessage(discord, await says(discord, asked, ...words), known(discord), asked);
  const waiting = [await look("cancel:", "<t:"), later, await look("-preview.png")];
  const result = await resultOf(discord, prompt);
  const form = discord.press(ann, result, "Edit");
  const modal = await seen(discord, () => form.modal, "the form");
  const filled = { prompt: "with a lake in the foreground", size: "2K 16:9", quality: "high" };
  const shown = drawMessage(discord, result, known(discord));
  return [drawChannel(waiting), drawChannel([shown]), drawModal(modal, filled)];
}

/** A reply to a result, and the image that answers it. */
async function replied(
  discord: FakeDiscord,
  { locale, prompt, change }: { locale: string; prompt: string; change: string },
): Promise<Html> {
  const channel = discord.channel(discord.guild(true, { locale }));
  discord.command(discord.user("Ann"), "imagine", { prompt, size: "1536x1024" }, { channel, locale });
  const replyTo = await resultOf(discord, prompt, channel);
  const asked = discord.say(discord.user("Bea"), change, { replyTo, channel });
  const answers = () => discord.messages(channel).find((message) => message.replyTo === asked && isResult(message));
  const answer = await seen(discord, answers, "the answer");
  return drawChannel([asked, answer].map((message) => drawMessage(discord, message, known(discord))));
}

/** The private answer, once it shows all of these words and files. */
export function says(discord: FakeDiscord, { id }: FakeInteraction, ...words: string[]): Promise<FakeMessage> {
  const answer = () => discord.state.interactions.get(id)?.reply;
  return seen(
    discord,
    () => {
      const { components = [], attachments = [] } = answer() ?? {};
      const shown = JSON.stringify([components, attachments.map(({ filename }) => filename)]);
      return words.every((each) => shown.includes(each)) && answer();
    },
    words.join(),
  );
}

/** The message with the images of a prompt. */
export function resultOf(
  discord: FakeDiscord,
  prompt: string,
  channel: FakeChannel = discord.general,
): Promise<FakeMessage> {
  const results = () => discord.messages(channel).filter(isResult);
  return seen(discord, () => results().find(({ content }) => content.includes(prompt)), `the images of ${prompt}`);
}

/** Several jobs one after another take their time. */
export const seen = <Found>(
  { state }: FakeDiscord,
  look: () => Found | undefined | false,
  what: string,
): Promise<Found> => state.until(look, what, 30_000);

const isResult = ({ components }: FakeMessage) => JSON.stringify(components).includes("again:");

export function known({ state }: FakeDiscord): Known {
  return {
    names: new Map([...state.users].map(([id, { name }]) => [id, name])),
    now: state.now() / 1000,
    image: (url) => dataUrl(state.files.get(new URL(url).pathname)?.bytes),
  };
}
